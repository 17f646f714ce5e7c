// Which processes belong to a container: the decision itself, without the machine.
import type { ProcessInfo } from "./process-table.js";

/** Identity of a process over time: its id may be given to another one later. */
export interface Member {
  pid: number;
  startedAt: number;
}

export interface Family {
  /** Of the container's own process, which is also the id of its process group. */
  leader: Member;
  /** Who was seen to belong to it, the leader included. */
  members: Map<number, Member>;
}

export function newFamily(leader: Member): Family {
  return { leader, members: new Map([[leader.pid, leader]]) };
}

/**
 * Brings a family up to date and returns those of it that live.
 *
 * A process belongs to the container when it is in its process group, descends from a process that belongs to it, was seen
 * to belong to it before (it may since have left its group and lost its parent), or bears the container's marker.
 * A process that does none of these was never seen between leaving its group and losing its parent, and has cleared its
 * environment too; that one is not found.
 *
 * @param bears whether a process bears the marker; asked only for processes younger than the container and not known otherwise
 */
export function updateFamily(
  family: Family,
  processes: readonly ProcessInfo[],
  bears: (pid: number) => boolean,
): ProcessInfo[] {
  const present = new Map(processes.map((info) => [info.pid, info]));
  for (const [pid, member] of family.members)
    if (present.get(pid)?.startedAt !== member.startedAt) family.members.delete(pid);
  const belongs = (info: ProcessInfo): boolean => {
    // A marker costs a look at the process, so it is asked for last.
    if (info.startedAt < family.leader.startedAt) return false;
    if (info.group === family.leader.pid) return true;
    return bears(info.pid);
  };
  for (const info of processes)
    if (!family.members.has(info.pid) && belongs(info))
      family.members.set(info.pid, { pid: info.pid, startedAt: info.startedAt });
  // Descendants, however deep; a table is in no order, so until nothing is added any more.
  for (let grown = true; grown; ) {
    grown = false;
    for (const info of processes)
      if (!family.members.has(info.pid) && family.members.has(info.parent)) {
        family.members.set(info.pid, { pid: info.pid, startedAt: info.startedAt });
        grown = true;
      }
  }
  return [...family.members.keys()].flatMap((pid) => {
    const info = present.get(pid);
    return info && !info.zombie ? [info] : [];
  });
}
