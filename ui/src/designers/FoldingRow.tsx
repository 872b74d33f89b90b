import { Button } from "antd";
import { ChevronDown, ChevronRight, X } from "lucide-react";
import { type ReactNode, useId, useState } from "react";

/** A part of a definition: folded it shows `head`, opened its inputs as well. */
export function FoldingRow(props: {
  name: string;
  head: ReactNode;
  startsOpen: boolean;
  removeLabel: string;
  canRemove?: boolean;
  onRemove: () => void;
  children: ReactNode;
}) {
  const { name, head, startsOpen, removeLabel, canRemove = true, onRemove, children } = props;
  const [open, setOpen] = useState(startsOpen);
  const body = useId();
  const Sign = open ? ChevronDown : ChevronRight;
  return (
    <section className="folding-row" aria-label={name}>
      <header>
        <button
          type="button"
          className="folding-head"
          aria-expanded={open}
          aria-controls={body}
          onClick={() => setOpen(!open)}
        >
          <Sign size={14} aria-hidden />
          <span className="folding-what">{head}</span>
        </button>
        <Button
          type="text"
          size="small"
          aria-label={removeLabel}
          disabled={!canRemove}
          icon={<X size={14} aria-hidden />}
          onClick={onRemove}
        />
      </header>
      {open && (
        <div id={body} className="stack folding-body">
          {children}
        </div>
      )}
    </section>
  );
}
