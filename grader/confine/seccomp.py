"""System calls: a seccomp filter."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from dataclasses import dataclass

from grader.confine.kernel import SET_NO_NEW_PRIVS, prctl, syscall

# What the kernel calls each machine in AUDIT_ARCH_*; the order is that of the numbers in _DENIED.
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


# Why refused -> each call with its number on x86-64 and on arm64 ("-": it has none).
_DENIED = {
    "reaching other programs": """
        socket 41 198, connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242,
        mq_open 240 180, mq_unlink 241 181, shmget 29 194, shmat 30 196, shmctl 31 195,
        msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187, semget 64 190, semop 65 193,
        semctl 66 191, semtimedop 220 192""",
    "starting programs and processes": """
        execve 59 221, execveat 322 281, fork 57 -, vfork 58 -, uselib 134 -""",
    "touching other processes": """
        ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271,
        process_madvise 440 440, process_mrelease 448 448, kcmp 312 272, pidfd_open 434 434,
        pidfd_getfd 438 438, pidfd_send_signal 424 424, move_pages 279 239, migrate_pages 256 238,
        setpriority 141 140, sched_setaffinity 203 122, sched_setscheduler 144 119,
        sched_setparam 142 118, sched_setattr 314 274, ioprio_set 251 30""",
    "leaving its process group": "setsid 112 157, setpgid 109 154",
    "namespaces and mounts": """
        unshare 272 97, setns 308 268, mount 165 40, umount2 166 39, pivot_root 155 41,
        chroot 161 51, open_tree 428 428, move_mount 429 429, fsopen 430 430, fsconfig 431 431,
        fsmount 432 432, fspick 433 433, mount_setattr 442 442""",
    "files in ways that Landlock does not see": """
        open_by_handle_at 304 265, name_to_handle_at 303 264, truncate 76 45, chmod 90 -,
        fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -,
        fchownat 260 54, utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88,
        setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15,
        fremovexattr 199 16, inotify_init 253 -, inotify_init1 294 26, inotify_add_watch 254 27,
        fanotify_init 300 262, fanotify_mark 301 263, quotactl 179 60, quotactl_fd 443 443""",
    "the depths of the kernel": """
        bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, keyctl 250 219, add_key 248 217,
        request_key 249 218, io_uring_setup 425 425, io_uring_enter 426 426,
        io_uring_register 427 427, personality 135 92, modify_ldt 154 -, ioperm 173 -, iopl 172 -,
        memfd_secret 447 447, lookup_dcookie 212 18""",
    "running the computer": """
        swapon 167 224, swapoff 168 225, reboot 169 142, init_module 175 105, finit_module 313 273,
        delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294, acct 163 89,
        syslog 103 116, settimeofday 164 170, clock_settime 227 112, adjtimex 159 171,
        clock_adjtime 305 266, sethostname 170 161, setdomainname 171 162, vhangup 153 58""",
}
# Their arguments lie in memory, out of the filter's sight; the C library has older ones for both.
_ABSENT = "clone3 435 435, openat2 437 437"
_NEWEST = 456  # calls above it are later than this list (or x32's): answered as absent too


@dataclass(frozen=True)
class _Guard:
    """A call refused unless its masked argument is in `values`; if it is, for allowed=False."""

    call: str
    argument: int
    values: tuple[int, ...]
    allowed: bool = True
    mask: int = 0xFFFFFFFF


def _guards(pid: int) -> tuple[_Guard, ...]:
    """List the calls that only some arguments make wrong; `pid` is the worker."""
    thread, namespaces, truncates = 0x10000, 0x7E020000, 0o1000
    return (
        _Guard("clone 56 220", 0, (thread,), mask=thread | namespaces),
        _Guard("kill 62 129", 0, (pid,)),  # abort() and raise() are signals to oneself
        _Guard("tkill 200 130", 0, (pid,)),
        _Guard("tgkill 234 131", 0, (pid,)),
        _Guard("rt_sigqueueinfo 129 138", 0, (pid,)),
        _Guard("rt_tgsigqueueinfo 297 240", 0, (pid,)),
        _Guard("prlimit64 302 261", 0, (0,)),
        # AF_UNIX streams: the end of a datagram pair could still write to any socket by path.
        _Guard("socketpair 53 199", 0, (1,)),
        _Guard("socketpair 53 199", 1, (1,), mask=0xF),
        # Opening to truncate but not to write: Landlock sees it only since kernel 6.2.
        _Guard("open 2 -", 1, (truncates, truncates | 3), False, mask=truncates | 3),
        _Guard("openat 257 56", 2, (truncates, truncates | 3), False, mask=truncates | 3),
        _Guard("fcntl 72 25", 1, (8, 10, 15, 1024), False),  # SETOWN, SETSIG, SETOWN_EX, SETLEASE
        # FIOSETOWN and SIOCSPGRP send signals; TIOCSTI and TIOCLINUX type into a terminal.
        _Guard("ioctl 16 29", 1, (0x8901, 0x8902, 0x5412, 0x541C), False),
        _Guard("prctl 157 167", 0, (1, 4, 36), False),  # undoing the functions below
    )


Instruction = tuple[int, int, int, int]  # of classic BPF: code, jump if true, if false, operand
_LOAD, _AND, _RETURN, _SKIP, _IF_EQUAL, _IF_GREATER = 0x20, 0x54, 0x06, 0x05, 0x15, 0x25
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL_PROCESS, _FAIL_WITH = 0x7FFF0000, 0x80000000, 0x00050000


def call_numbers(calls: str, machine: str) -> dict[str, int]:
    """Numbers of the calls that `machine` has, from a text in the form of `_DENIED`."""
    rows = (entry.split() for entry in calls.split(","))
    column = 1 + list(_MACHINES).index(machine)
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def call_filter(machine: str, pid: int) -> list[Instruction]:
    """Write the seccomp filter of `restrict_calls` for a machine and the worker's pid."""
    denied = (_RETURN, 0, 0, _FAIL_WITH | errno.EPERM)
    absent = (_RETURN, 0, 0, _FAIL_WITH | errno.ENOSYS)
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_IF_GREATER, 0, 1, _NEWEST),
        absent,
    ]
    for guard in _guards(pid):
        for number in call_numbers(guard.call, machine).values():
            program += _guard_code(guard, number, denied)
    for calls, verdict in [(calls, denied) for calls in _DENIED.values()] + [(_ABSENT, absent)]:
        for number in call_numbers(calls, machine).values():
            program += [(_IF_EQUAL, 0, 1, number), verdict]
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _guard_code(guard: _Guard, number: int, denied: Instruction) -> list[Instruction]:
    """Refuse, or fall through to what follows with the call's number loaded again."""
    count = len(guard.values)
    body = [
        (_LOAD, 0, 0, _ARGUMENTS + 8 * guard.argument),  # its low 32 bits, on both machines
        (_AND, 0, 0, guard.mask),
        *((_IF_EQUAL, count - i, 0, value) for i, value in enumerate(guard.values)),
        *(() if guard.allowed else [(_SKIP, 0, 0, 1)]),  # a match lands behind this line
        denied,
        (_LOAD, 0, 0, _NUMBER),
    ]
    return [(_IF_EQUAL, 0, len(body), number), *body]


def restrict_calls() -> None:
    """Refuse, in every thread, the system calls that reach beyond this process.

    Refused calls fail with EPERM, calls newer than this list with ENOSYS; a call in another
    processor mode ends the process. Threads, memory, files and traffic on open sockets work on.

    Raises
    ------
    OSError
        If the kernel has no seccomp filters or this machine's calls are not listed here.
    """
    machine = machine_name()
    if machine is None:
        raise OSError(errno.ENOSYS, "system calls are listed for x86-64 and arm64 only")
    code = call_filter(machine, os.getpid())
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(packed))
    set_mode_filter, all_threads = 1, 1
    prctl(SET_NO_NEW_PRIVS, 1)
    if syscall(_seccomp(machine), set_mode_filter, all_threads, program):
        raise OSError(errno.EBUSY, "a thread of this process could not be confined")


def _seccomp(machine: str) -> int:
    return call_numbers("seccomp 317 277", machine)["seccomp"]


def machine_name() -> str | None:
    """Return the key of `_MACHINES` for this process, None where there is none."""
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    name = os.uname().machine
    return name if name in _MACHINES else None


def has_seccomp(machine: str) -> bool:
    """Whether the kernel takes filters that end a process."""
    get_action_available = 2
    try:
        syscall(_seccomp(machine), get_action_available, 0, struct.pack("I", _KILL_PROCESS))
    except OSError:
        return False
    return True
