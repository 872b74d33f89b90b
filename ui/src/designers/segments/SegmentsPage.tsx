import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { Plus } from "lucide-react";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { DesignerList } from "../DesignerList";
import "../designers.css";
import { labelOf, type SegmentDef, useDesigns } from "../definitions";
import { ClassChip } from "./ClassChip";
import { Distribution } from "./Distribution";
import { newSegment } from "./draft";
import { useStanding } from "./queries";
import { SegmentEditor } from "./SegmentEditor";

/** The segments with how many records stand where; one of them, or a new one, in the editor. */
export function SegmentsPage() {
  const { t, say } = useWords();
  const designs = useDesigns();
  const asked = useSearch({ from: "/build/segments" }).item;
  const navigate = useNavigate({ from: "/build/segments" });
  if (designs === undefined) return null;
  const show = (item?: string) => void navigate({ search: item === undefined ? {} : { item } });
  const object = designs.objects.find((each) => !each.builtin)?.key ?? "";
  const saved = designs.segments.find((each) => each.key === asked);
  // What is no more shows the list.
  if (saved !== undefined || asked === "new") {
    return <SegmentEditor key={asked} saved={saved} start={saved ?? newSegment(object)} onClose={() => show()} />;
  }
  return (
    <>
      <header className="bar">
        <PageTitle>{t("segments")}</PageTitle>
        <span className="gap" />
        <Button type="primary" icon={<Plus size={14} aria-hidden />} onClick={() => show("new")}>
          {t("segment.add")}
        </Button>
      </header>
      <div className="page designs">
        {designs.segments.length === 0 && <Empty title={t("segment.none")} lead={t("segment.noneLead")} />}
        {designs.segments.length > 0 && (
          <DesignerList
            items={designs.segments}
            onOpen={(segment) => show(segment.key)}
            render={(segment) => (
              <>
                <b>{say(segment.label)}</b>
                <span className="blank">{say(labelOf(designs, segment.object))}</span>
                <Standing segment={segment} />
              </>
            )}
          />
        )}
      </div>
    </>
  );
}

function Standing({ segment }: { segment: SegmentDef }) {
  const { say } = useWords();
  const standing = useStanding(segment.key).data;
  return (
    <>
      <Distribution
        classes={segment.classes}
        counts={segment.classes.map((each) => standing?.classes.find((found) => found.key === each.key)?.count ?? 0)}
      />
      <p>
        {segment.classes.map((each) => (
          <ClassChip key={each.key} colour={each.colour}>
            {say(each.label)} {standing?.classes.find((found) => found.key === each.key)?.count ?? "—"}
          </ClassChip>
        ))}
      </p>
    </>
  );
}
