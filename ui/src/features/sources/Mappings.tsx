import { Button, Dropdown, Modal } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, Problem, told } from "../../api/client";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import type { ModelAction } from "../../designers/change/action";
import { MappingEditor } from "./MappingEditor";
import { type Mapping, type SourceState, streamName, type Trial, useDefinitions, useShippedMappings } from "./queries";
import { TrialResult } from "./TrialResult";

/** What becomes of the rows of each stream. A mapping is tried on real rows before anything is written. */
export function Mappings({ source }: { source: SourceState }) {
  const { t, say } = useWords();
  const model = useModel().data;
  const mappings = useDefinitions().mappings.filter((each) => each.source === source.key);
  const [editing, setEditing] = useState<Mapping>();
  const [tried, setTried] = useState<{ mapping: Mapping; trial?: Trial; problem?: Problem }>();
  const ready = (useShippedMappings().data ?? []).filter(
    (each) => each.source === source.kind && !mappings.some(({ key }) => key === each.key),
  );
  const hasObject = (key: string) => model?.objects.some((each) => each.key === key) ?? false;
  const nameOf = (key: string) => say(model?.objects.find((each) => each.key === key)?.label) || key;
  const run = (mapping: Mapping) => {
    setTried({ mapping });
    told(api.POST("/api/mappings/trial", { body: { mapping } }))
      .then((trial) => setTried({ mapping, trial }))
      .catch((error: unknown) => {
        if (error instanceof Problem) setTried({ mapping, problem: error });
      });
  };
  const changeOf = (after: Mapping): ModelAction => {
    const before = mappings.find((each) => each.key === after.key);
    return before ? { action: "change_mapping", before, after } : { action: "add_mapping", mapping: after };
  };
  return (
    <>
      {mappings.length === 0 && <p className="blank">{t("mappingsNothing")}</p>}
      <div className="rows">
        {mappings.map((each) => (
          <div key={each.key} className="row-line">
            <button type="button" className="row-button" onClick={() => setEditing(each)}>
              <b>{say(each.label)}</b>
              <span className="blank">
                {streamName(source, each.stream)} → {nameOf(each.object)}
              </span>
              <span className="row-marks">
                <span className="chip">{t("fieldCount", { count: each.fields.length })}</span>
                {!each.enabled && <span className="chip">{t("health.off")}</span>}
              </span>
            </button>
            <Button size="small" onClick={() => run(each)}>
              {t("dryRun")}
            </Button>
          </div>
        ))}
      </div>
      <div className="layout-foot">
        <Button
          icon={<Plus size={14} aria-hidden />}
          disabled={source.streams.length === 0}
          onClick={() => setEditing(blank(source))}
        >
          {t("addMapping")}
        </Button>
        {ready.length > 0 && (
          <Dropdown
            trigger={["click"]}
            menu={{
              items: ready.map((each) => ({
                key: each.key,
                disabled: !hasObject(each.object),
                label: hasObject(each.object)
                  ? say(each.label)
                  : t("shippedLacks", { name: say(each.label), object: each.object }),
              })),
              onClick: ({ key }) => {
                const chosen = ready.find((each) => each.key === key);
                if (chosen) setEditing({ ...chosen, source: source.key });
              },
            }}
          >
            <Button>{t("shippedMappings")}</Button>
          </Dropdown>
        )}
      </div>
      {editing && (
        <MappingEditor
          source={source}
          mapping={editing}
          isNew={!mappings.some((each) => each.key === editing.key)}
          onTry={run}
          changeOf={changeOf}
          onClose={() => setEditing(undefined)}
        />
      )}
      {tried && (
        <Modal
          open
          width={760}
          title={`${t("dryRun")} · ${say(tried.mapping.label)}`}
          footer={null}
          onCancel={() => setTried(undefined)}
        >
          {tried.problem && (
            <div role="alert" className="fault">
              <p>{tried.problem.message}</p>
              {tried.problem.faults.map((fault) => (
                <p key={`${fault.code}${fault.field}`}>
                  {fault.field}：{fault.message}
                </p>
              ))}
            </div>
          )}
          {tried.trial && <TrialResult trial={tried.trial} object={tried.mapping.object} />}
          {!tried.trial && !tried.problem && <p className="blank">{t("loading")}</p>}
        </Modal>
      )}
    </>
  );
}

const blank = (source: SourceState): Mapping => ({
  key: "",
  label: { zh: "", en: "" },
  description: null,
  source: source.key,
  stream: source.streams[0]?.key ?? "",
  object: "",
  columns: [],
  fields: [],
  match: [],
  where: null,
  creates: true,
  on_delete: "keep",
  enabled: true,
});
