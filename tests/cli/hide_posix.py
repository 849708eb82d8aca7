"""Hides from a Python process what there is on Linux and macOS only; test_without_posix.py has it run first.

What Python's own modules need on this system stays: they would be others on Windows.
"""

import os
import signal
import sys
from importlib.abc import MetaPathFinder

MODULES = frozenset({"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "readline", "curses"})
OF_OS = (
    "sync", "fork", "forkpty", "killpg", "sched_getaffinity", "sched_setaffinity", "sysconf", "fchmod", "fchown",
    "chown", "lchown", "chroot", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getpgid", "getsid", "setsid",
    "nice", "getpriority", "getloadavg", "mkfifo", "mknod", "wait3", "wait4", "pread", "pwrite", "statvfs",
    "confstr", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY",
)  # fmt: skip
OF_SIGNAL = (
    "SIGHUP", "SIGQUIT", "SIGXCPU", "SIGXFSZ", "SIGPIPE", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD",
    "alarm", "setitimer", "pause", "sigwait", "siginterrupt",
)  # fmt: skip


class Hidden(MetaPathFinder):
    """Finds nothing, and lets nobody else find it."""

    def find_spec(self, name, path=None, target=None):
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


for loaded in MODULES & sys.modules.keys():
    del sys.modules[loaded]
sys.meta_path.insert(0, Hidden())
for gone in OF_OS:
    if hasattr(os, gone):
        delattr(os, gone)
for gone in OF_SIGNAL:
    if hasattr(signal, gone):
        delattr(signal, gone)
