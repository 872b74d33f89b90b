import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { inWords } from "../../api/in-words";
import { useWords } from "../../app/language";
import { Faults } from "../change/Faults";
import { type Assigned, assigned, type Placed, valueAt } from "./places";
import "../../design/faults.css";

/** What the API said no to: its sentence, and every fault with its place in the draft. */
export interface Refusal {
  message: string;
  faults: Placed[];
}

interface Places extends Assigned {
  id: string;
  message: string | undefined;
  put: (place: string) => () => void;
  refuse: (refusal: Refusal) => boolean;
}

const Context = createContext<Places | undefined>(undefined);
/** Where the input is that one is in, and what is wrong with it. */
const Here = createContext<{ place: string; faults: readonly Placed[] }>({ place: "", faults: [] });

/**
 * A draft that the API may refuse. Each fault shows at the input that is `At` its place until what stands there is
 * changed; what has no input stays in the list (`Refused`). The first faulty input gets the focus.
 */
export function FaultPlaces(props: {
  draft: unknown;
  /** Called with a refusal before it is shown, so that a part which is folded away can be opened. */
  onRefused?: (refusal: Refusal) => void;
  children: ReactNode;
}) {
  const { draft, onRefused, children } = props;
  const id = useId();
  const [inputs, setInputs] = useState<readonly string[]>([]);
  const [refusal, setRefusal] = useState<Refusal & { draft: unknown }>();
  const put = useCallback((place: string) => {
    setInputs((before) => [...before, place]);
    return () => setInputs((before) => before.filter((_, at) => at !== before.indexOf(place)));
  }, []);
  const shown = useMemo(() => {
    const open = (refusal?.faults ?? []).filter(
      ({ at }) => !at || isSame(valueAt(draft, at), valueAt(refusal?.draft, at)),
    );
    return assigned(open, inputs);
  }, [refusal, draft, inputs]);
  const refuse = (given: Refusal) => {
    const placed = assigned(given.faults, inputs);
    const isPlaced = placed.at.size > 0;
    if (isPlaced) onRefused?.(given);
    setRefusal(isPlaced ? { ...given, draft } : undefined);
    return isPlaced;
  };
  useAim(id, refusal, inputs);
  return (
    <Context value={{ id, put, refuse, message: refusal?.message, ...shown }}>
      <Here value={{ place: "", faults: [] }}>{children}</Here>
    </Context>
  );
}

/** Shows a refusal at the inputs around; false where none of its faults has one. Undefined outside of a draft. */
export const useRefuse = () => useContext(Context)?.refuse;

/** What is wrong with the input that one is in, for one that tells it by itself (its `At` is silent). */
export const useFaultsHere = () => useContext(Here).faults;

/** Focuses the first faulty input; again where inputs come (a part is opened for it) while nobody has gone elsewhere. */
function useAim(id: string, refusal: Refusal | undefined, inputs: readonly string[]) {
  const aimed = useRef<{ refusal: Refusal; control: Element }>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: inputs are what is looked for
  useEffect(() => {
    if (refusal === undefined) return;
    const before = aimed.current;
    if (before?.refusal === refusal && document.activeElement !== before.control) return;
    const control = document.querySelector(`[data-faulty="${id}"]`)?.querySelector<HTMLElement>(CONTROLS);
    if (!control) return;
    aimed.current = { refusal, control };
    control.focus();
  }, [id, refusal, inputs]);
}

const CONTROLS = ":is(input, textarea, button):not(:disabled)";

/** The place of an input in the draft, within that of what it is in; faults of it are told below it. */
export function At(props: { place: string; children: ReactNode; silent?: boolean }) {
  const { place, children, silent = false } = props;
  const around = useContext(Here).place;
  const places = useContext(Context);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const whole = joined(around, place);
  const put = places?.put;
  useEffect(() => put?.(whole), [put, whole]);
  const faults = places?.at.get(whole) ?? NONE;
  const isFaulty = faults.length > 0;
  useEffect(() => {
    const control = isFaulty ? box.current?.querySelector("input, textarea") : null;
    control?.setAttribute("aria-invalid", "true");
    control?.setAttribute("aria-describedby", id);
    return () => {
      control?.removeAttribute("aria-invalid");
      control?.removeAttribute("aria-describedby");
    };
  }, [isFaulty, id]);
  const here = useMemo(() => ({ place: whole, faults: silent ? faults : NONE }), [whole, faults, silent]);
  return (
    <div ref={box} className="at" {...(isFaulty && { "data-faulty": places?.id })}>
      <Here value={here}>{children}</Here>
      {isFaulty && (
        <div id={id} className="at-faults" hidden={silent}>
          {faults.map((fault) => (
            <p key={`${fault.code}${fault.message}`} className="fault">
              {inWords(fault)}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}

/** Inputs that are parts of what is at a place, where that has its own input elsewhere. */
export function Within({ place, children }: { place: string; children: ReactNode }) {
  const around = useContext(Here).place;
  const here = useMemo(() => ({ place: joined(around, place), faults: NONE }), [around, place]);
  return <Here value={here}>{children}</Here>;
}

const joined = (around: string, place: string) => (around === "" ? place : `${around}.${place}`);

const NONE: readonly Placed[] = [];

const isSame = (one: unknown, other: unknown) => one === other || JSON.stringify(one) === JSON.stringify(other);

/** How many inputs are to be corrected, and what has no input. */
export function Refused() {
  const { t } = useWords();
  const places = useContext(Context);
  if (places === undefined || (places.at.size === 0 && places.rest.length === 0)) return null;
  return (
    <div role="alert" className="refused">
      {places.at.size > 0 && <p className="fault">{t("refusedAt", { count: places.at.size })}</p>}
      {places.rest.length > 0 && <Faults message={places.message ?? ""} faults={places.rest} />}
    </div>
  );
}
