import { lazy, Suspense } from "react";
import { Groups, groupable } from "./Groups";
import { Listed } from "./Listed";
import { axes } from "./list-search";
import { type ListPart, shownColumns } from "./views";

const Kanban = lazy(() => import("./Kanban").then((found) => ({ default: found.Kanban })));
const CalendarView = lazy(() => import("./CalendarView").then((found) => ({ default: found.CalendarView })));

/** The records in the kind of view that is asked for. */
export function ListBody(props: ListPart & { onOpen: (id: string) => void }) {
  const { object, asked, layout, phone, onOpen } = props;
  const kind = asked.kind ?? "list";
  const along = axes(object, kind);
  const by = along.find((field) => field.key === asked.by) ?? along[0];
  if (by !== undefined)
    return (
      <Suspense fallback={null}>
        {kind === "kanban" ? (
          <Kanban object={object} by={by} asked={asked} onOpen={onOpen} />
        ) : (
          <CalendarView object={object} by={by} asked={asked} onOpen={onOpen} />
        )}
      </Suspense>
    );
  const group =
    kind === "list" && !phone ? groupable(object.fields).find((field) => field.key === asked.group) : undefined;
  if (group !== undefined)
    return (
      <Groups
        object={object}
        fields={shownColumns(object, layout).map((each) => each.field)}
        by={group}
        asked={asked}
        onOpen={onOpen}
      />
    );
  return <Listed {...props} />;
}
