//! seccomp: which system calls are left. Everything that is not named here fails with `EPERM`.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

use super::Needs;

/// Memory, threads, time, waiting, signals within the process, and files that are open.
const PLAIN: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_clone3, // answered by the other filter
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fallocate,
    libc::SYS_fcntl,
    libc::SYS_fdatasync,
    libc::SYS_fstat,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_futex,
    libc::SYS_getdents64,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getpriority,
    libc::SYS_getrandom,
    libc::SYS_getsockopt,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_ioctl,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_openat, // Landlock says which
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_prlimit64,
    libc::SYS_pselect6,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_setpriority,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_tgkill,
    libc::SYS_uname,
    libc::SYS_wait4,
    libc::SYS_waitid,
];

/// Older forms of the same that only this processor has.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[
    libc::SYS_dup2,
    libc::SYS_epoll_wait,
    libc::SYS_lstat,
    libc::SYS_open,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_stat,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[];

/// What writes to a descriptor: not to a socket that only receives.
const WRITING: &[i64] = &[libc::SYS_write, libc::SYS_writev, libc::SYS_pwrite64];

/// What makes, replaces and deletes files: Landlock says where.
const FILES: &[i64] =
    &[libc::SYS_mkdirat, libc::SYS_readlinkat, libc::SYS_renameat, libc::SYS_renameat2, libc::SYS_unlinkat];
#[cfg(target_arch = "x86_64")]
const FILES_OLDER: &[i64] = &[libc::SYS_mkdir, libc::SYS_readlink, libc::SYS_rename, libc::SYS_unlink];
#[cfg(not(target_arch = "x86_64"))]
const FILES_OLDER: &[i64] = &[];

/// What the broker does besides: it looks at processes, and hands descriptors over.
const BROKER: &[i64] = &[libc::SYS_readlinkat, libc::SYS_sendmsg];
#[cfg(target_arch = "x86_64")]
const BROKER_OLDER: &[i64] = &[libc::SYS_readlink];
#[cfg(not(target_arch = "x86_64"))]
const BROKER_OLDER: &[i64] = &[];

/// Names for threads and memory: the only things that may be set of the process.
const PR_SET_NAME: u64 = 15;
const PR_SET_VMA: u64 = 0x5356_4d41;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Applies the filter to this thread and those that it starts later.
pub(super) fn filter(needs: &Needs) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let threads = program([(libc::SYS_clone3, Vec::new())].into(), SeccompAction::Allow, libc::ENOSYS)?;
    let rules = rules(needs).map_err(|error| failed(&error))?;
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| failed(&error))?;
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, arch).map_err(|error| failed(&error))?;
    let calls = BpfProgram::try_from(filter).map_err(|error| failed(&error))?;
    // How a thread is started can only be looked at with the older call: the C library takes that one when it hears
    // that there is no newer.
    apply_filter(&threads).and_then(|()| apply_filter(&calls)).map_err(|error| failed(&error))
}

/// A filter that answers some calls with an error, and does `otherwise` with the rest.
fn program(rules: Rules, otherwise: SeccompAction, error: i32) -> Result<BpfProgram, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let answer = SeccompAction::Errno(error.unsigned_abs());
    let filter = SeccompFilter::new(rules, otherwise, answer, arch).map_err(|error| error.to_string())?;
    BpfProgram::try_from(filter).map_err(|error| error.to_string())
}

fn rules(needs: &Needs) -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = PLAIN.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    if !needs.write.is_empty() {
        rules.extend(FILES.iter().chain(FILES_OLDER).map(|call| (*call, Vec::new())));
    }
    if needs.broker {
        rules.extend(BROKER.iter().chain(BROKER_OLDER).map(|call| (*call, Vec::new())));
    }
    // Threads, and no processes.
    let threads = SeccompCmpOp::MaskedEq(libc::CLONE_THREAD.unsigned_abs().into());
    let threads = condition(0, threads, libc::CLONE_THREAD.unsigned_abs().into())?;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![threads])?]);
    // Sockets within the process, which lead nowhere: terminals' signals are waited for with them.
    let within = condition(0, SeccompCmpOp::Eq, libc::AF_UNIX.unsigned_abs().into())?;
    rules.insert(libc::SYS_socketpair, vec![SeccompRule::new(vec![within])?]);
    // Signals to itself: the user interface stops so, for the shell.
    let own = condition(0, SeccompCmpOp::Eq, std::process::id().into())?;
    rules.insert(libc::SYS_kill, vec![SeccompRule::new(vec![own])?]);
    let named = [PR_SET_NAME, PR_SET_VMA].map(|what| SeccompRule::new(vec![condition(0, SeccompCmpOp::Eq, what)?]));
    rules.insert(libc::SYS_prctl, named.into_iter().collect::<Result<_, _>>()?);
    // To a socket that is connected already, and never to one that captures.
    let mut to_nobody_else = muted(needs)?;
    to_nobody_else.push(condition(4, SeccompCmpOp::Eq, 0)?);
    rules.insert(libc::SYS_sendto, vec![SeccompRule::new(to_nobody_else)?]);
    for call in WRITING {
        let muted = muted(needs)?;
        let rule = if muted.is_empty() { Vec::new() } else { vec![SeccompRule::new(muted)?] };
        rules.insert(*call, rule);
    }
    Ok(rules)
}

/// That the descriptor is none of those that only receive.
fn muted(needs: &Needs) -> Result<Vec<SeccompCondition>, seccompiler::BackendError> {
    needs.mute.iter().map(|socket| condition(0, SeccompCmpOp::Ne, u64::from(socket.unsigned_abs()))).collect()
}

fn condition(argument: u8, compare: SeccompCmpOp, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    let length = if argument == 4 { SeccompCmpArgLen::Qword } else { SeccompCmpArgLen::Dword };
    SeccompCondition::new(argument, length, compare, value)
}
