// Parallel: all branches at once; the first failure gives up the others.
import type { Json } from "../../language/json.js";
import { evaluateTemplate } from "../../language/jsonata.js";
import type { Visit } from "../fields.js";
import { type Checkpoint, Cursor, Frame, Variables } from "../frame.js";
import { type Result, runMachine } from "../machine.js";
import { Payload } from "../payload.js";
import { Abandoned } from "../run.js";

export async function runBranches(visit: Visit, resume: Checkpoint | undefined): Promise<Result> {
  const { state, run, frame } = visit;
  const input = await branchInput(visit);
  const started = resume
    ? frame.cursor.last
    : run.emit(frame.cursor, "ParallelStateStarted", {}, { scope: frame.scope });
  const branches = state.Branches ?? [];
  const outputs = await together(visit, branches.length, branches.length, (index, scope) => {
    const left = resume?.children[index];
    if (left && "output" in left) return Payload.read(left.output.text, left.output.value);
    const machine = branches[index] as (typeof branches)[number];
    const branch = new Frame(
      machine,
      machine.QueryLanguage ?? frame.language,
      scope,
      new Cursor(started),
      new Variables(frame.variables),
      frame.map,
      left ?? undefined,
    );
    return { frame: branch, work: () => runMachine(run, branch, input) };
  });
  frame.cursor.move(outputs.lastEvent || started);
  run.emit(frame.cursor, "ParallelStateSucceeded", {}, { advance: false, scope: frame.scope });
  return { payload: Payload.list(outputs.payloads), exitAfter: frame.cursor.last };
}

async function branchInput(visit: Visit): Promise<Payload> {
  const { state } = visit;
  const input = visit.effectiveInput();
  if (visit.isJsonata)
    return state.Arguments === undefined
      ? input
      : visit.inspect(
          "afterArguments",
          Payload.of(await evaluateTemplate(state.Arguments as Json, "Arguments", visit.bindings())),
        );
  return state.Parameters === undefined
    ? input
    : visit.inspect("afterParameters", Payload.of(visit.template(state.Parameters, input.value)));
}

/** A part to run, or its output where it is known already. */
type Part = Payload | { frame: Frame; work: () => Promise<Payload>; onSuccess?: () => void; onFailure?: () => void };

/**
 * Runs `count` parts, at most `concurrency` at a time. Rejects with the first failure, when the others have been given up.
 * @returns the outputs in order, and the number of the last event of the part that ended last
 */
export async function together(
  visit: Visit,
  count: number,
  concurrency: number,
  part: (index: number, scope: Frame["scope"]) => Part,
): Promise<{ payloads: Payload[]; lastEvent: number }> {
  const { run, frame } = visit;
  const children: (Frame | Payload | undefined)[] = new Array(count).fill(undefined);
  if (frame.current) frame.current.children = children;
  const scope = frame.scope.child();
  let next = 0;
  let done = 0;
  let lastEvent = 0;
  let failure: { error: unknown } | undefined;
  await run.suspend<void>(frame.scope, (resume) => {
    let hasEnded = false;
    const end = () => {
      if (hasEnded || !(failure || done === count)) return;
      hasEnded = true;
      resume();
    };
    const startNext = () => {
      while (next < count && next - done < concurrency && !failure && !scope.isCancelled) {
        const index = next++;
        const own = scope.child();
        const begun = part(index, own);
        if (begun instanceof Payload) {
          children[index] = begun;
          done += 1;
          continue;
        }
        children[index] = begun.frame;
        run.spawn(async () => {
          try {
            const output = await begun.work();
            begun.frame.release();
            children[index] = output;
            lastEvent = begun.frame.cursor.last;
            begun.onSuccess?.();
            scope.children.delete(own);
            done += 1;
            startNext();
            end();
          } catch (error) {
            if (error instanceof Abandoned || failure || scope.isCancelled) return;
            failure = { error };
            begun.onFailure?.();
            scope.children.delete(own);
            frame.cursor.move(begun.frame.cursor.last);
            run.cancel(scope);
            end();
          }
        });
      }
    };
    startNext();
    end();
  });
  frame.scope.children.delete(scope);
  if (failure) {
    for (const child of children) if (child instanceof Frame) child.release();
    throw failure.error;
  }
  return { payloads: children as Payload[], lastEvent };
}
