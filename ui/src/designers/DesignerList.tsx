import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

/** What there is of a kind, one line each; a line opens it. `aside` stands beside the line and has its own buttons. */
export function DesignerList<T extends { key: string }>(props: {
  title?: string;
  items: T[];
  onOpen: (item: T) => void;
  render: (item: T) => ReactNode;
  aside?: (item: T) => ReactNode;
}) {
  const { title, items, onOpen, render, aside } = props;
  return (
    <section className="design-list">
      {title && <h2>{title}</h2>}
      <ul>
        {items.map((item) => (
          <li key={item.key}>
            <button type="button" className="design-open" onClick={() => onOpen(item)}>
              <span className="design-what">{render(item)}</span>
              <ChevronRight size={15} aria-hidden />
            </button>
            {aside?.(item)}
          </li>
        ))}
      </ul>
    </section>
  );
}
