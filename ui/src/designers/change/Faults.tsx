import { inWords } from "../../api/in-words";
import type { Fault } from "../../api/types";

/** What the API refuses, every fault with its way out; without any, what it says of the whole. */
export function Faults({ message, faults }: { message: string; faults: Fault[] }) {
  return (
    <div role="alert" className="fault">
      {faults.length === 0 ? <p>{message}</p> : null}
      {faults.map((fault) => (
        <p key={`${fault.code}${fault.field}${fault.message}`}>{inWords(fault)}</p>
      ))}
    </div>
  );
}
