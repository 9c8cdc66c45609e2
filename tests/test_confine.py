"""The worker's own confinement, shown by code that tries to break it.

A child process puts some of the layers on itself and then tries each attack in turn. Without
any layer the attack must succeed, which proves the attack; where the system refuses it to
everybody, the comparison is skipped.
"""

import contextlib
import errno
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import confine
from grader.confine import seccomp

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Landlock and seccomp are parts of Linux"
)

ROOT = Path(confine.__file__).parents[2]

PROLOGUE = f"""
import ctypes, os, resource, signal, socket, sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from grader import confine
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""

RUN_ATTEMPTS = """
import asyncio, fcntl, json, mmap, subprocess, tempfile
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np

given = json.load(sys.stdin)
globals().update(given["world"])
layers = given["layers"]
os.chdir(scratch)
if "as ordinary user" in layers:
    confine.drop_privileges(65534)
if "as on an old kernel" in layers:
    confine.landlock.landlock_abi = lambda: 1
if "limits" in layers:
    confine.limit_resources(confine.Limits())
if "files" in layers:
    confine.restrict_files(
        [sys.prefix, sys.base_prefix, "/usr", "/lib", "/dev/urandom", readable, "/missing"],
        [scratch, "/dev/null"],
    )
if "calls" in layers:
    confine.restrict_calls()
outcomes = {}
for name, code in given["attempts"].items():
    try:
        exec(code, globals())
        outcomes[name] = "done"
    except Exception as error:
        outcomes[name] = f"{type(error).__name__}: {error}"
print(json.dumps(outcomes))
"""

FORK_300_TIMES = """
children = []
try:
    for _ in range(300):
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        children.append(child)
finally:
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
"""

# What is tried -> the layers of which each one alone stops it, and the code.
ATTACKS = {
    "read a file outside": ("files", "open(secret).read()"),
    "list a folder outside": ("files", "os.listdir(outside)"),
    "write a file outside": ("files", "open(outside + '/new', 'w')"),
    "write to /dev/shm": ("files", "os.unlink(tempfile.mkstemp(dir='/dev/shm')[1])"),
    "write a readable file": ("files", "open(readable + '/file', 'r+')"),
    "link a readable file to write it": ("files", "os.link(readable + '/file', 'linked')"),
    "move a file outside": ("files", "open('mine', 'w'); os.rename('mine', outside + '/mine')"),
    "leave a symbolic link": ("files", "os.symlink(secret, 'symbolic')"),
    "leave a pipe": ("files", "os.mkfifo('pipe')"),
    "read another's memory": ("files", "open(f'/proc/{victim}/mem', 'rb')"),
    "read another's environment": ("files", "open(f'/proc/{victim}/environ').read()"),
    "truncate by path": ("files calls", "os.truncate(readable + '/file', 4)"),
    "truncate by opening to read": (
        "files calls",
        "os.open(readable + '/file', os.O_RDONLY | os.O_TRUNC)",
    ),
    "change a mode": ("calls", "os.chmod(secret, 0o644)"),
    "change a time": ("calls", "os.utime(secret)"),
    "change an owner": ("calls", "os.chown(secret, -1, -1)"),
    "watch files": ("calls", "check(libc.inotify_init1(0))"),
    "connect by TCP": ("files calls", "socket.create_connection(tcp, 5)"),
    "listen on TCP": ("files calls", "socket.create_server(('127.0.0.1', 0))"),
    "send by UDP": ("calls", "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', tuple(udp))"),
    "connect to a Unix path": ("calls", "socket.socket(socket.AF_UNIX).connect(unix)"),
    "connect to an abstract socket": (
        "files calls",
        "socket.socket(socket.AF_UNIX).connect(abstract)",
    ),
    "send to a Unix path from a pair": (
        "calls",
        "socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', datagrams)",
    ),
    "share memory by key": (
        "calls",
        "check(libc.shmctl(libc.shmget(0, 4096, 0o600), 0, 0))",
    ),
    "fork": ("calls", "child = os.fork() or os._exit(0); os.waitpid(child, 0)"),
    "fork 300 times": ("limits calls", FORK_300_TIMES),
    "start a program": ("files calls", "subprocess.run(['/bin/true'])"),
    "spawn a program": (
        "files calls",
        "os.waitpid(os.posix_spawn('/bin/true', ['x'], {}), 0)",
    ),
    "signal another": ("files calls", "os.kill(victim, 0)"),
    "signal a thread of another": ("files calls", "check(libc.tgkill(victim, victim, 0))"),
    "signal its own group": ("calls", "os.kill(0, 0)"),
    "have a socket signal another": (
        "calls",
        "one, two = socket.socketpair(); fcntl.fcntl(one, fcntl.F_SETOWN, victim)",
    ),
    "trace another": ("files calls", "check(libc.ptrace(0x4206, victim, 0, 0))"),
    "read another's limits": ("calls", "resource.prlimit(victim, resource.RLIMIT_NOFILE)"),
    "choose another's priority": ("calls", "os.setpriority(os.PRIO_PROCESS, victim, 1)"),
    "choose another's processors": (
        "calls",
        "os.sched_setaffinity(victim, os.sched_getaffinity(victim))",
    ),
    "outlive its parent": ("calls", "check(libc.prctl(1, 0, 0, 0, 0))"),
    "allocate 8 GB": ("limits", "mmap.mmap(-1, 8 << 30, flags=0x4022)"),
    "make an array of 8 GB": ("limits", "np.empty(8 << 30, np.uint8)"),
    "write a big file": ("limits", "open('big', 'wb').write(bytes(17 << 20))"),
    "open 3000 files": ("limits", "files = [open('/dev/null') for _ in range(3000)]"),
    "raise its own limits": (
        "limits",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, resource.RLIM_INFINITY))",
    ),
    "change its process group": ("calls", "os.setpgid(0, os.getpgid(0))"),
    "start a session": ("calls", "os.setsid()"),
    "enter a new user namespace": ("calls", "check(libc.unshare(0x10000000))"),
}

# What a worker must still be able to do with every layer on.
WORK = {
    "multiply matrices": "assert (np.ones((99, 99)) @ np.ones((99, 99)) == 99).all()",
    "solve equations": "assert np.linalg.svd(np.linalg.inv(2 * np.eye(50)))[1][0] == 0.5",
    "draw random numbers": "np.random.default_rng().normal(size=9); os.urandom(8)",
    "read /dev/urandom": "assert len(open('/dev/urandom', 'rb').read(8)) == 8",
    "write to /dev/null": "open('/dev/null', 'w').write('x')",
    "run threads": """
results = []
threads = [threading.Thread(target=results.append, args=(i,)) for i in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sorted(results) == list(range(8))
""",
    "import a module late": "assert 'colorsys' not in sys.modules; import colorsys",
    "import a shared library late": "assert '_lsprof' not in sys.modules; import _lsprof",
    "use its scratch folder": """
os.mkdir('folder')
open('folder/a', 'w').write('text')
open('folder/a', 'a').write(' and more')
os.rename('folder/a', 'b')
assert open('b').read() == 'text and more' and os.listdir('folder') == []
os.unlink('b')
os.rmdir('folder')
""",
    "make a temporary folder": "tempfile.TemporaryDirectory(dir=scratch).cleanup()",
    "save and map an array": """
np.save('array.npy', np.arange(5))
assert np.load('array.npy', mmap_mode='r')[4] == 4
""",
    "read a readable file": "open(readable + '/file').read()",
    "answer on an inherited socket": """
with socket.socket(fileno=channel) as inherited:
    inherited.sendall(inherited.recv(100)[::-1])
    inherited.sendmsg([b'!'])
""",
    "make a pair of streams": "one, two = socket.socketpair(); one.send(b'x'); two.recv(1)",
    "run an event loop": "asyncio.run(asyncio.sleep(0))",
    "lower its own limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))",
    "signal itself": """
received = []
signal.signal(signal.SIGUSR1, lambda number, frame: received.append(number))
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
assert len(received) == 2
""",
    "allocate 200 MB": "np.ones(200 << 20, np.uint8)",
}

REFUSALS = ("PermissionError", "BlockingIOError", "OSError", "MemoryError", "ValueError")


def run(code: str, *, given: Any = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh process with one thread, where the module under test is imported."""
    return subprocess.run(
        [sys.executable, "-I", "-c", PROLOGUE + code],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def attempt(
    layers: str, attempts: dict[str, str], world: dict[str, Any], **options: Any
) -> dict[str, str]:
    given = {"layers": layers, "attempts": attempts, "world": world}
    done = run(RUN_ATTEMPTS, given=given, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def needs_landlock_and_seccomp() -> None:
    missing = {"Landlock", "seccomp"} & set(confine.supported())
    if missing:
        pytest.skip("this system has no " + ", ".join(missing))


@contextlib.contextmanager
def make_world() -> Iterator[dict[str, Any]]:
    """Things to attack: files, listening sockets, another process of the same user."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as tcp:
        places = {name: f"{folder}/{name}" for name in ("outside", "readable", "scratch")}
        for place in places.values():
            os.mkdir(place)
        os.chmod(places["scratch"], 0o777)  # also for the ordinary user that root becomes
        secret = Path(places["outside"], "secret")
        secret.write_text("the answer")
        Path(places["readable"], "file").write_text("longer than four")

        udp = socket.socket(type=socket.SOCK_DGRAM)
        unix, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        unix.bind(f"{folder}/unix")
        abstract.bind(f"\0confine-{os.getpid()}")
        datagrams.bind(f"{folder}/datagrams")
        for listener in (tcp, unix, abstract):
            listener.listen(16)
        victim = subprocess.Popen(["/bin/sleep", "600"])
        try:
            yield {
                **places,
                "secret": str(secret),
                "tcp": tcp.getsockname(),
                "udp": udp.getsockname(),
                "unix": f"{folder}/unix",
                "datagrams": f"{folder}/datagrams",
                "abstract": f"\0confine-{os.getpid()}",
                "victim": victim.pid,
            }
        finally:
            victim.kill()
            victim.wait()
            for listener in (udp, unix, abstract, datagrams):
                listener.close()


LAYERS = {
    "none": "",
    "limits": "limits, as ordinary user",
    "files": "files",
    "calls": "calls",
    "files+calls": "files, calls",
    "old kernel": "files, calls, as on an old kernel",
}


MUST_STOP = [
    (layer, attack)
    for attack, (stoppers, _) in ATTACKS.items()
    for layer, given in LAYERS.items()
    if set(stoppers.split()) & set(given.split(", "))
]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, str]]:
    """What became of every attack under each set of layers, each in a world of its own."""
    needs_landlock_and_seccomp()
    attacks = {name: code for name, (_, code) in ATTACKS.items()}
    found = {}
    for layer, given in LAYERS.items():
        with make_world() as world:
            found[layer] = attempt(given, attacks, world)
    return found


@pytest.mark.parametrize(("layer", "attack"), MUST_STOP)
def test_layer_stops_the_attack(
    layer: str, attack: str, outcomes: dict[str, dict[str, str]]
) -> None:
    if layer == "files" and ATTACKS[attack][0] != "files" and confine.supported():
        pytest.skip(f"left to the calls: this kernel lacks {confine.supported()}")
    if outcomes["none"][attack] != "done":
        pytest.skip(f"refused to everybody here: {outcomes['none'][attack]}")
    assert outcomes[layer][attack].startswith(REFUSALS)


def test_everything_a_worker_needs_still_works() -> None:
    needs_landlock_and_seccomp()
    ours, theirs = socket.socketpair()
    with ours, theirs, make_world() as world:
        ours.sendall(b"abc")
        done = attempt(
            "limits, files, calls",
            WORK,
            {**world, "channel": theirs.fileno()},
            pass_fds=[theirs.fileno()],
        )
        assert {name: result for name, result in done.items() if result != "done"} == {}
        assert ours.recv(100, socket.MSG_WAITALL | socket.MSG_DONTWAIT) == b"cba!"


@pytest.mark.parametrize("layer", ["files", "calls"])
def test_no_program_replaces_the_worker(layer: str) -> None:
    needs_landlock_and_seccomp()
    apply = {"files": "confine.restrict_files(['/'], [])", "calls": "confine.restrict_calls()"}
    become = "\nos.execv('/bin/echo', ['echo', 'replaced'])"
    assert run(become).stdout == "replaced\n"
    done = run(apply[layer] + become)
    assert done.stdout == ""
    assert "PermissionError" in done.stderr


def test_abort_ends_the_worker_itself() -> None:
    needs_landlock_and_seccomp()
    done = run("confine.drop_privileges(65534); confine.restrict_calls(); os.abort()")
    assert done.returncode == -signal.SIGABRT, done.stderr


def test_nothing_is_imported_on_the_way() -> None:
    """Root that became an ordinary user may no longer reach its interpreter's folder."""
    needs_landlock_and_seccomp()
    done = run("""
sys.meta_path.clear()
confine.drop_privileges(65534)
confine.die_with_parent()
confine.undumpable()
confine.limit_resources(confine.Limits())
confine.restrict_files(["/usr"], [])
confine.restrict_calls()
print("confined")
""")
    assert done.stdout == "confined\n", done.stderr


def test_restrict_files_refuses_a_process_with_threads() -> None:
    needs_landlock_and_seccomp()
    done = run(
        "threading.Thread(target=time.sleep, args=(2,), daemon=True).start()\n"
        "confine.restrict_files([], [])"
    )
    assert "RuntimeError: restrict_files: Landlock binds one thread" in done.stderr


def test_restrict_calls_binds_threads_that_already_run() -> None:
    needs_landlock_and_seccomp()
    done = run("""
ready, refused = threading.Event(), []
def work():
    ready.wait()
    try:
        socket.socket()
    except PermissionError:
        refused.append(True)
thread = threading.Thread(target=work)
thread.start()
confine.restrict_calls()
ready.set()
thread.join()
print(refused)
""")
    assert done.stdout == "[True]\n", done.stderr


# --- limits ------------------------------------------------------------------------------------


def test_cpu_limit_ends_the_worker_by_its_own_signal() -> None:
    done = run("confine.limit_resources(confine.Limits(cpu_seconds=1))\nwhile True: pass")
    assert done.returncode == -signal.SIGXCPU


def test_a_lower_hard_limit_stays() -> None:
    done = run("""
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 30))
confine.limit_resources(confine.Limits(open_files=64))
print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE))
""")
    assert done.stdout == "(30, 30) (0, 0)\n", done.stderr


def test_the_task_limit_counts_from_the_tasks_that_its_user_has() -> None:
    """Twenty processes of the same user leave room for `tasks` more, and for no others."""
    done = run("""
confine.drop_privileges(64321)
others = [os.fork() or time.sleep(60) for _ in range(20)]
confine.limit_resources(confine.Limits(tasks=10))
more = []
try:
    while len(more) < 300:
        more.append(os.fork() or time.sleep(60))
except BlockingIOError:
    print(len(more))
finally:
    for child in others + more:
        os.kill(child, signal.SIGKILL)
""")
    if os.getuid() == 0:
        assert done.stdout == "10\n", done.stderr
    else:  # its other processes come and go
        assert 1 <= int(done.stdout) <= 200, done.stderr


# --- the process itself ------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_dropped_privileges_cannot_come_back() -> None:
    done = run("""
os.setgroups([0, 4])
confine.drop_privileges(65534)
print(os.getresuid(), os.getresgid(), os.getgroups())
for back in (os.setuid, os.setgid):
    try:
        back(0)
    except PermissionError:
        print("refused")
""")
    ids = (65534, 65534, 65534)
    assert done.stdout == f"{ids} {ids} []\nrefused\nrefused\n", done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_privileges_that_would_come_back_are_an_error() -> None:
    keep_capabilities = "check(libc.prctl(28, 4, 0, 0, 0))\n"  # SECBIT_NO_SETUID_FIXUP
    if run(keep_capabilities).returncode != 0:
        pytest.skip("this root may not set its secure bits")
    done = run(keep_capabilities + "confine.drop_privileges(65534)")
    assert "RuntimeError: drop_privileges: this process could become root" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_root_is_not_an_ordinary_user() -> None:
    assert "ValueError: drop_privileges: uid 0" in run("confine.drop_privileges(0)").stderr


def test_undumpable_closes_the_process_to_its_own_user() -> None:
    read_parent = """
confine.drop_privileges(65534)
check(libc.prctl(4, 1, 0, 0, 0))
HIDE
if os.fork() == 0:
    try:
        open(f"/proc/{os.getppid()}/environ").read()
        print("read")
    except PermissionError:
        print("refused")
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""
    assert run(read_parent.replace("HIDE", "")).stdout == "read\n"
    assert run(read_parent.replace("HIDE", "confine.undumpable()")).stdout == "refused\n"


def test_the_worker_dies_with_its_parent() -> None:
    alive, inherited = os.pipe()
    with os.fdopen(alive, "rb"):
        done = run(
            """
ready, tell = os.pipe()
if os.fork() == 0:
    confine.die_with_parent()
    os.close(1), os.close(2)
    os.write(tell, b"x")
    time.sleep(20)
    os._exit(0)
os.read(ready, 1)
""",
            pass_fds=[inherited],
        )
        os.close(inherited)
        assert done.returncode == 0, done.stderr
        ended, _, _ = select.select([alive], [], [], 10)
        assert ended, "the worker outlived its parent"


def test_orphans_are_adopted() -> None:
    done = run("""
confine.adopt_orphans()
child = os.fork()
if child == 0:
    if os.fork() == 0:
        time.sleep(0.1)
        os._exit(7)
    os._exit(0)
os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(os.wait()[1]))
""")
    assert done.stdout == "7\n", done.stderr


# --- what the system lacks ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("abi", "lacks"),
    [(0, "Landlock"), (5, "Landlock signal scopes (kernel 6.12)")],
)
def test_supported_names_what_an_older_kernel_lacks(
    abi: int, lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confine, "machine_name", lambda: "x86_64")
    monkeypatch.setattr(confine, "has_seccomp", lambda machine: True)
    monkeypatch.setattr(confine, "landlock_abi", lambda: abi)
    assert confine.supported() == (lacks,)
    monkeypatch.setattr(confine, "landlock_abi", lambda: 6)
    assert confine.supported() == ()


def test_what_is_missing_is_an_error_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (confine, confine.landlock):
        monkeypatch.setattr(place, "landlock_abi", lambda: 0)
    for place in (confine, confine.seccomp):
        monkeypatch.setattr(place, "machine_name", lambda: None)
    with pytest.raises(OSError, match="Landlock"):
        confine.restrict_files([], [])
    with pytest.raises(OSError, match="x86-64 and arm64 only"):
        confine.restrict_calls()
    assert confine.supported() == ("Landlock", "seccomp")


def test_import_stays_light() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import grader.confine\n"
    heavy = "print([name for name in ('numpy', 'subprocess', 'socket') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code + heavy], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# --- the filter for both machines, run by a small interpreter ------------------------------------

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, ABSENT = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4321


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Run the filter over one call, as the kernel would."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture or MACHINES[machine], 0, *padded)
    program = seccomp.call_filter(machine, PID)
    accumulator = position = 0
    while True:
        code, jump_true, jump_false, operand = program[position]
        assert 0 <= jump_true < 256 and 0 <= jump_false < 256
        position += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif code == 0x54:
            accumulator &= operand
        elif code == 0x05:
            position += operand
        else:
            holds = accumulator == operand if code == 0x15 else accumulator > operand
            assert code in (0x15, 0x25)
            position += jump_true if holds else jump_false


def plainly_denied(machine: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for calls in seccomp._DENIED.values():
        found |= seccomp.call_numbers(calls, machine)
    return found


MUST_BE_DENIED = re.findall(
    r"\w+",
    """
socket connect bind listen accept accept4 execve execveat fork vfork ptrace process_vm_readv
process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd pidfd_send_signal unshare setns mount
umount2 pivot_root chroot open_tree move_mount fsopen fsmount fsconfig fspick mount_setattr bpf
perf_event_open userfaultfd keyctl add_key request_key io_uring_setup io_uring_enter
io_uring_register personality open_by_handle_at name_to_handle_at setpriority sched_setaffinity
sched_setscheduler sched_setparam sched_setattr ioprio_set setsid setpgid modify_ldt quotactl
swapon swapoff reboot init_module finit_module delete_module kexec_load kexec_file_load acct syslog
settimeofday clock_settime adjtimex clock_adjtime shmget shmat shmctl msgget msgsnd msgrcv msgctl
semget semop semctl semtimedop mq_open mq_unlink inotify_init inotify_init1 fanotify_init chmod
fchmod fchmodat fchmodat2 chown fchown lchown fchownat utimensat setxattr lsetxattr fsetxattr
truncate migrate_pages move_pages""",
)
ONLY_X86 = {"fork", "vfork", "modify_ldt", "inotify_init", "chmod", "chown", "lchown"}

GUARDED = [
    # clone: a thread; a process; a thread in new namespaces; high bits do not matter
    ((56, 220), (0x3D0F00,), ALLOW),
    ((56, 220), (0x1200011,), REFUSE),
    ((56, 220), (0x3D0F00 | 0x10000000,), REFUSE),
    ((56, 220), (0x7_0000_0011,), REFUSE),
    # signals: kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
    *(
        (call, (target & 0xFFFF_FFFF,), ALLOW if target == PID else REFUSE)
        for call in ((62, 129), (200, 130), (234, 131), (129, 138), (297, 240))
        for target in (PID, PID + 1, 1, 0, -1, -PID)
    ),
    ((302, 261), (0, 7), ALLOW),  # prlimit64
    ((302, 261), (PID, 7), REFUSE),
    ((53, 199), (1, 1 | 0o2000000), ALLOW),  # socketpair
    ((53, 199), (1, 2), REFUSE),
    ((53, 199), (1, 5), REFUSE),
    ((53, 199), (30, 1), REFUSE),
    ((257, 56), (0, 0, 0o1001), ALLOW),  # openat
    ((257, 56), (0, 0, 0o1002), ALLOW),
    ((257, 56), (0, 0, 0o2000000), ALLOW),
    ((257, 56), (0, 0, 0o1000), REFUSE),
    ((257, 56), (0, 0, 0o1003), REFUSE),
    ((2, None), (0, 0o1000), REFUSE),  # open
    ((2, None), (0, 0o1101), ALLOW),
    *(((72, 25), (3, command), REFUSE) for command in (8, 10, 15, 1024)),  # fcntl
    *(((72, 25), (3, command), ALLOW) for command in (1, 3, 4, 1030)),
    *(((16, 29), (0, command), REFUSE) for command in (0x8901, 0x8902, 0x5412, 0x541C)),  # ioctl
    ((16, 29), (0, 0x7_0000_5412), REFUSE),
    ((16, 29), (0, 0x5401), ALLOW),
    *(((157, 167), (option,), REFUSE) for option in (1, 4, 36)),  # prctl
    ((157, 167), (15,), ALLOW),
    ((435, 435), (), ABSENT),  # clone3, openat2
    ((437, 437), (), ABSENT),
]
NEEDED = {  # read write close mmap mprotect munmap brk futex sendto recvfrom sendmsg recvmsg ...
    "x86_64": (0, 1, 3, 9, 10, 11, 12, 202, 44, 45, 46, 47, 13, 14, 15, 60, 231, 318, 334, 319),
    "aarch64": (63, 64, 57, 222, 226, 215, 214, 98, 206, 207, 211, 212, 134, 135, 139, 93, 94),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_filter_gives_each_call_its_verdict(machine: str) -> None:
    denied = plainly_denied(machine)
    assert set(MUST_BE_DENIED) - set(denied) == (ONLY_X86 if machine == "aarch64" else set())
    for name, number in denied.items():
        assert verdict(machine, number) == REFUSE, name
    for number in NEEDED[machine]:
        assert verdict(machine, number) == ALLOW, number
    column = list(MACHINES).index(machine)
    for numbers, arguments, expected in GUARDED:
        number = numbers[column]
        if number is not None:
            assert verdict(machine, number, *arguments) == expected, (number, arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_filter_knows_no_call_of_the_future_or_of_x32(machine: str) -> None:
    assert verdict(machine, 456) == ALLOW
    for number in (457, 9999, 0x40000000, 0x40000000 | 41, 0xFFFFFFFF):
        assert verdict(machine, number) == ABSENT


@pytest.mark.parametrize("machine", MACHINES)
def test_filter_kills_calls_of_another_architecture(machine: str) -> None:
    others = {0x40000003, 0x40000028, *MACHINES.values()} - {MACHINES[machine]}
    for architecture in others:
        assert verdict(machine, 0, architecture=architecture) == KILL


HEADERS = {
    "x86_64": [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")],
    "aarch64": [Path("/usr/include/asm-generic/unistd.h")],
}
if os.uname().machine == "x86_64":
    HEADERS["x86_64"].append(Path("/usr/include/asm/unistd_64.h"))


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_those_of_the_kernel_headers(machine: str) -> None:
    header = next((path for path in HEADERS[machine] if path.is_file()), None)
    if header is None:
        pytest.skip(f"no kernel header for {machine} here (package linux-libc-dev)")
    lines = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    kernel = {name: int(number) for name, number in lines}

    calls = [*seccomp._DENIED.values(), seccomp._ABSENT, "seccomp 317 277"]
    calls += [guard.call for guard in seccomp._guards(PID)]
    for entry in ", ".join(calls).split(","):
        name, *numbers = entry.split()
        number = numbers[list(MACHINES).index(machine)]
        if number == "-":
            assert name not in kernel
        elif name in kernel:
            assert int(number) == kernel[name], name
        else:  # newer than this header
            assert int(number) > max(kernel.values()), name
