"""The content of an EFS file system, which jobs see as a folder of the cloud's data, goes with the file system."""

import os
import shutil
import threading

from ministack.core.responses import get_account_id
from ministack.services import efs


def install(folder: str) -> None:
    """`folder`: where the contents are, `<account>/<file system>` each."""
    delete = efs._delete_file_system

    def delete_file_system(fs_id):
        answer = delete(fs_id)
        if answer[0] == 204:
            content = os.path.join(folder, get_account_id(), fs_id)
            # It may be large, and whoever deletes the file system need not wait for that.
            threading.Thread(target=shutil.rmtree, args=(content,), kwargs={"ignore_errors": True}).start()
        return answer

    efs._delete_file_system = delete_file_system
