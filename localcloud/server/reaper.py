"""Kills what a cloud process leaves behind, however that process ends.

Standard input is a pipe from the cloud process: `+ PGID` and `- PGID` lines name the process groups that are its own. The
end of the pipe is the end of the cloud process; whatever is still named then is killed. It runs in a session of its own
and heeds no signal but SIGKILL.
"""

import os
import signal
import sys

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)

groups = set()
for line in sys.stdin:
    operation, _, group = line.strip().partition(" ")
    if operation == "+":
        groups.add(int(group))
    else:
        groups.discard(int(group))

for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
