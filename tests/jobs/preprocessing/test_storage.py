"""Folders and buckets, which behave alike."""

import unittest
from unittest import mock

from botocore.exceptions import ClientError, EndpointConnectionError
from support import FolderTest

from errors import JobError
from storage import BucketStorage, FolderStorage, open_storage


class Folder(FolderTest):
    def test_lists_keys_by_prefix_sorted(self) -> None:
        for name in ("input/b.csv", "input/a.csv", "input/deep/c.csv", "artifacts/script.py"):
            self.write(name, "x")
        storage = FolderStorage(self.folder)
        self.assertEqual(storage.keys("input/"), ["input/a.csv", "input/b.csv", "input/deep/c.csv"])
        self.assertEqual(storage.keys("none/"), [])

    def test_replaces_what_is_there_and_leaves_no_part(self) -> None:
        storage = FolderStorage(self.folder)
        for text in ("first", "second"):
            storage.upload(self.write("work/out.csv", text), "output/deep/out.csv")
        self.assertEqual((self.folder / "output/deep/out.csv").read_text(), "second")
        self.assertEqual(storage.keys("output/"), ["output/deep/out.csv"])
        storage.download("output/deep/out.csv", self.folder / "again.csv")
        self.assertEqual((self.folder / "again.csv").read_text(), "second")

    def test_says_what_could_not_be_read(self) -> None:
        storage = FolderStorage(self.folder)
        with self.assertRaisesRegex(JobError, r"^Reading file://.*/input/none\.csv failed: No such file"):
            storage.download("input/none.csv", self.folder / "x")


class Bucket(FolderTest):
    def opened(self) -> tuple[BucketStorage, mock.Mock]:
        client = mock.Mock()
        with mock.patch("boto3.client", return_value=client) as make:
            storage = open_storage("s3://bucket")
        make.assert_called_once_with("s3")
        assert isinstance(storage, BucketStorage)
        return storage, client

    def test_lists_every_page(self) -> None:
        storage, client = self.opened()
        paginate = client.get_paginator.return_value.paginate
        paginate.return_value = [{"Contents": [{"Key": "input/b"}]}, {}, {"Contents": [{"Key": "input/a"}]}]
        self.assertEqual(storage.keys("input/"), ["input/a", "input/b"])
        paginate.assert_called_once_with(Bucket="bucket", Prefix="input/")

    def test_says_what_was_refused(self) -> None:
        storage, client = self.opened()
        denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "GetObject")
        client.download_file.side_effect = denied
        client.upload_file.side_effect = EndpointConnectionError(endpoint_url="https://s3")
        client.get_paginator.return_value.paginate.side_effect = denied
        path = self.folder / "x"
        for call, message in (
            (lambda: storage.download("input/a", path), r"^Reading s3://bucket/input/a failed: .*AccessDenied"),
            (lambda: storage.upload(path, "output/a"), r"^Writing s3://bucket/output/a failed: .*https://s3"),
            (lambda: storage.keys("input/"), r"^Listing s3://bucket/input/ failed: .*AccessDenied"),
        ):
            with self.subTest(message), self.assertRaisesRegex(JobError, message):
                call()


class OpenStorage(FolderTest):
    def test_opens_a_folder(self) -> None:
        (self.folder / "with space").mkdir()
        storage = open_storage((self.folder / "with space").as_uri())
        self.assertIsInstance(storage, FolderStorage)

    def test_refuses_all_else(self) -> None:
        for url in ("", "bucket", "s3://", "s3://bucket/below", "https://bucket", f"{self.folder.as_uri()}/none"):
            with self.subTest(url), self.assertRaisesRegex(JobError, "DATA_URL must be") as caught:
                open_storage(url)
            self.assertEqual(caught.exception.exit_code, 2)


if __name__ == "__main__":
    unittest.main()
