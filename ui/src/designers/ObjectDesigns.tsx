import type { ReactNode } from "react";
import { Empty } from "../design/Empty";
import { PageTitle } from "../design/PageTitle";
import type { ObjectDesign } from "../features/model/definition";
import { AddForObject } from "./AddForObject";
import { DesignerList } from "./DesignerList";
import "./designers.css";

/** What objects have at most one of each: a list of those that have it, and a new one for those that do not. */
export function ObjectDesigns(props: {
  title: string;
  add: { label: string; asks: string; objects: ObjectDesign[] };
  none: { title: string; lead: string };
  made: ObjectDesign[];
  onOpen: (object: string) => void;
  render: (object: ObjectDesign) => ReactNode;
}) {
  const { title, add, none, made, onOpen, render } = props;
  return (
    <>
      <header className="bar">
        <PageTitle>{title}</PageTitle>
        <span className="gap" />
        <AddForObject {...add} onChoose={onOpen} />
      </header>
      <div className="page designs">
        {made.length === 0 ? (
          <Empty {...none} />
        ) : (
          <DesignerList items={made} onOpen={(object) => onOpen(object.key)} render={render} />
        )}
      </div>
    </>
  );
}

/** The labels of what an object has of it, in a line. */
export function Chips({ items }: { items: { key: string; text: string }[] }) {
  return (
    <p>
      {items.map((each) => (
        <span key={each.key} className="chip">
          {each.text}
        </span>
      ))}
    </p>
  );
}
