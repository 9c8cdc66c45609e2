"""Confinement that a worker puts on itself before it meets code that nobody trusts.

Every function here only takes rights away, from the calling process and for good. The order
that works, in a process with one thread that has imported all it needs from elsewhere::

    os.setsid()                         # refused later
    drop_privileges(uid)                # clears the parent-death signal, so before it
    die_with_parent()
    undumpable()
    limit_resources(Limits())           # counts tasks in /proc, so before restrict_files
    restrict_files(readable, writable)
    restrict_calls()                    # kill() to this pid only, so after any fork

Landlock guards the files; the seccomp filter guards all that Landlock cannot see (sockets of
every family, processes, signals, changes of mode and owner) and, on kernels before 6.12, what
it cannot see yet. Where both cover the same act, either one alone is enough.
"""

import contextlib
import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass

if sys.platform != "win32":
    import resource  # here, because a worker may no longer reach its interpreter's folder later


@dataclass(frozen=True)
class Limits:
    """What one worker may use; `tasks` counts threads beyond those its user already has."""

    memory_bytes: int = 2 << 30
    file_bytes: int = 16 << 20
    cpu_seconds: int = 600
    open_files: int = 64
    tasks: int = 16


# What the kernel calls each machine in AUDIT_ARCH_*; the order is that of the numbers in _DENIED.
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# --- resource limits ---------------------------------------------------------------------------


def limit_resources(limits: Limits) -> None:
    """Cap memory, file size, CPU time, open files and tasks; switch core dumps off.

    Parameters
    ----------
    limits : Limits
        The caps. A hard limit that is already lower stays as it is.

    Notes
    -----
    The CPU limit's hard value is one second above the soft one, so that the process ends by
    SIGXCPU, which names the cause. Process limits do not bind root, so none is set for it.
    Windows has no such limits; elsewhere than on Linux one that the system refuses is left out.
    """
    if sys.platform == "win32":
        return
    wanted = [
        (resource.RLIMIT_AS, limits.memory_bytes, 0),
        (resource.RLIMIT_FSIZE, limits.file_bytes, 0),
        (resource.RLIMIT_CPU, limits.cpu_seconds, 1),
        (resource.RLIMIT_NOFILE, limits.open_files, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ]
    if sys.platform == "linux" and os.getuid() != 0:
        wanted.append((resource.RLIMIT_NPROC, _count_tasks(os.getuid()) + limits.tasks, 0))
    refusals = () if sys.platform == "linux" else (OSError, ValueError)
    for which, value, grace in wanted:
        _, ceiling = resource.getrlimit(which)
        hard = value + grace if ceiling == resource.RLIM_INFINITY else min(value + grace, ceiling)
        with contextlib.suppress(*refusals):
            resource.setrlimit(which, (min(value, hard), hard))


def _count_tasks(uid: int) -> int:
    """Threads whose real user is `uid`, as far as /proc shows them."""
    total = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError), open(f"/proc/{name}/status", "rb", 0) as file:
            _, _, status = file.read().partition(b"\nUid:\t")
            if int(status[: status.index(b"\t")]) == uid:
                total += int(status.partition(b"\nThreads:\t")[2].partition(b"\n")[0])
    return total


# --- files: Landlock ---------------------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on all machines
_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FILE_RIGHTS = _WRITE_FILE | _READ_FILE | _TRUNCATE  # what a rule on a plain file may grant
_READ = _READ_FILE | _READ_DIR
# No links, pipes, sockets or devices: the checker may later open what it finds there.
_WRITE = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def restrict_files(readable: Sequence[str], writable: Sequence[str]) -> None:
    """Close the file system but for these paths, with the best Landlock the kernel has.

    Nothing may be executed anywhere. Where the kernel can, TCP, abstract Unix sockets and
    signals to processes outside are closed as well.

    Parameters
    ----------
    readable, writable : sequence of str
        Folders, with all that is in them, or files. What is writable is also readable. Paths
        that do not exist, or that this user cannot reach, are skipped.

    Raises
    ------
    RuntimeError
        If the process has several threads: Landlock would bind only this one.
    OSError
        If the kernel has no Landlock.
    """
    abi = _landlock_abi()
    if abi == 0:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("restrict_files: Landlock binds one thread, and there are several")

    handled = _REFER - 1  # every right of ABI 1
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        handled |= right if abi >= since else 0
    network = _TCP_BIND_AND_CONNECT if abi >= 4 else 0
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0
    ruleset = _syscall(_CREATE_RULESET, struct.pack("QQQ", handled, network, scopes), 24, 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ & handled)
        for path in writable:
            _allow(ruleset, path, (_READ | _WRITE) & handled)
        _prctl(_SET_NO_NEW_PRIVS, 1)
        _syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _FILE_RIGHTS
        _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)


def _landlock_abi() -> int:
    """Landlock's version in this kernel, 0 where it is absent or switched off."""
    try:
        return _syscall(_CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0


# --- system calls: seccomp ---------------------------------------------------------------------

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
    machine = _machine()
    if machine is None:
        raise OSError(errno.ENOSYS, "system calls are listed for x86-64 and arm64 only")
    code = call_filter(machine, os.getpid())
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(packed))
    set_mode_filter, all_threads = 1, 1
    _prctl(_SET_NO_NEW_PRIVS, 1)
    if _syscall(_seccomp(machine), set_mode_filter, all_threads, program):
        raise OSError(errno.EBUSY, "a thread of this process could not be confined")


def _seccomp(machine: str) -> int:
    return call_numbers("seccomp 317 277", machine)["seccomp"]


def _machine() -> str | None:
    """Return the key of `_MACHINES` for this process, None where there is none."""
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    name = os.uname().machine
    return name if name in _MACHINES else None


# --- the process itself ------------------------------------------------------------------------

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 1, 4, 36, 38
_SIGKILL = 9


def undumpable() -> None:
    """Close this process's memory, environment and descriptors to others of its user."""
    _prctl(_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """Have this process killed when the thread that forked it ends."""
    _prctl(_SET_PDEATHSIG, _SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that they can be found."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def drop_privileges(uid: int) -> None:
    """Become the ordinary user `uid`, with the group of that number and no other, for good.

    Does nothing unless the process runs as root.

    Raises
    ------
    ValueError
        If `uid` is root's.
    RuntimeError
        If the process could become root again.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    if uid <= 0:
        raise ValueError(f"drop_privileges: uid {uid} is not an ordinary user")
    os.setgroups([])
    os.setgid(uid)  # as root, real, effective and saved alike
    os.setuid(uid)
    for return_to_root in (os.setuid, os.setgid):
        with contextlib.suppress(PermissionError):
            return_to_root(0)
            raise RuntimeError("drop_privileges: this process could become root again")


def supported() -> tuple[str, ...]:
    """Say what this system lacks for level L1, in short plain phrases.

    Returns
    -------
    tuple of str
        Empty if nothing is missing. With "Linux", "Landlock" or "seccomp" in it there is no
        L1; any other phrase names a part of Landlock that seccomp makes up for.
    """
    if sys.platform != "linux":
        return ("Linux",)
    abi, machine = _landlock_abi(), _machine()
    missing = []
    if abi == 0:
        missing.append("Landlock")
    for since, what in (
        (3, "Landlock truncation (kernel 6.2)"),
        (4, "Landlock TCP rules (kernel 6.7)"),
        (5, "Landlock device control (kernel 6.10)"),
        (6, "Landlock signal scopes (kernel 6.12)"),
    ):
        if 0 < abi < since:
            missing.append(what)
    if machine is None or not _has_seccomp(machine):
        missing.append("seccomp")
    return tuple(missing)


def _has_seccomp(machine: str) -> bool:
    get_action_available = 2
    try:
        _syscall(_seccomp(machine), get_action_available, 0, struct.pack("I", _KILL_PROCESS))
    except OSError:
        return False
    return True


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *(ctypes.c_ulong(each) for each in (value, 0, 0, 0))) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value}) failed")


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    """Call the kernel; bytes are passed by address, None as a null pointer."""
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    wide = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    result = int(function(ctypes.c_long(number), *wide))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"system call {number}: {os.strerror(code)}")
    return result
