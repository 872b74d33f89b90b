import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Modal } from "antd";
import { CornerDownLeft, Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useState } from "react";
import { api, told } from "../api/client";
import { useMe, useModel } from "../api/queries";
import { useBoards } from "../features/boards/queries";
import { buildPages } from "./build-pages";
import { useWords } from "./language";
import { wayToRecord } from "./record-way";
import { WORK_PAGES } from "./ways";

interface Entry {
  key: string;
  group: string;
  label: string;
  go: () => void;
}

/** Search and commands in one place: Ctrl+K (⌘K), type, arrows, Enter. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  return (
    <Modal
      open={open}
      onCancel={onClose}
      footer={null}
      closable={false}
      destroyOnHidden
      width={560}
      style={{ top: 90 }}
      styles={{ body: { padding: 0 }, container: { padding: 0 }, header: { display: "none" } }}
      title={t("palette")}
    >
      <Inner onClose={onClose} />
    </Modal>
  );
}

function Inner({ onClose }: { onClose: () => void }) {
  const { t, say } = useWords();
  const navigate = useNavigate();
  const model = useModel().data;
  const manages = useMe().data?.manages ?? [];
  const boards = (useBoards().data ?? []).filter((each) => each.record === null);
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(typed.trim()), 150);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ["search", asked],
    queryFn: () => told(api.GET("/api/search", { params: { query: { q: asked, limit: 20 } } })),
    enabled: asked !== "",
    placeholderData: (before) => before,
  });
  const matches = (text: string) => typed === "" || text.toLowerCase().includes(typed.trim().toLowerCase());
  const pages: Entry[] = [
    ...WORK_PAGES.map(({ to, word }) => ({
      key: to,
      group: t("goTo"),
      label: t(word),
      go: () => void navigate({ to }),
    })),
    ...boards.map((each) => ({
      key: `board ${each.key}`,
      group: t("boards"),
      label: say(each.label),
      go: () => void navigate({ to: "/boards/$board", params: { board: each.key } }),
    })),
    { key: "/profile", group: t("goTo"), label: t("profile"), go: () => void navigate({ to: "/profile" }) },
    ...buildPages(manages).map(({ to, word }) => ({
      key: to,
      group: t("build"),
      label: t(word),
      go: () => void navigate({ to }),
    })),
    ...(model?.objects ?? []).map((each) => ({
      key: `object ${each.key}`,
      group: t("goTo"),
      label: say(each.plural ?? each.label),
      go: () => void navigate({ to: "/records/$object", params: { object: each.key } }),
    })),
    ...(model?.objects ?? [])
      .filter((each) => each.may?.create && !each.builtin)
      .map((each) => ({
        key: `new ${each.key}`,
        group: t("commands"),
        label: t("createOf", { name: say(each.label) }),
        go: () => void navigate(wayToRecord(each.key, "new")),
      })),
  ].filter((each) => matches(each.label));
  const records: Entry[] = (asked === "" ? [] : (found.data?.items ?? [])).map((each) => ({
    key: each.id,
    group: say(model?.objects.find((object) => object.key === each.object)?.label) || each.object,
    label: each.label ?? "—",
    go: () => void navigate(wayToRecord(each.object, each.id)),
  }));
  const entries = [...records, ...(asked === "" ? pages : pages.slice(0, 6))];
  const chosen = Math.min(at, Math.max(entries.length - 1, 0));
  const go = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.go();
  };
  const key = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(entries.length - 1, chosen + step)));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) go(entries[chosen]);
  };
  return (
    <div className="palette">
      <div className="palette-input">
        <Search size={16} aria-hidden />
        <input
          // biome-ignore lint/a11y/noAutofocus: the palette is opened to be typed into
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={entries[chosen] ? `palette-${chosen}` : undefined}
          aria-label={t("palette")}
          placeholder={t("paletteLead")}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={key}
        />
      </div>
      <div id="palette-list" role="listbox" aria-label={t("palette")} className="palette-list">
        {entries.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input
          <div
            key={entry.key}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            className="palette-entry"
            onMouseMove={() => setAt(index)}
            onClick={() => go(entry)}
          >
            <span className="palette-group">{entry.group}</span>
            <span className="palette-label">{entry.label}</span>
            {index === chosen && <CornerDownLeft size={13} aria-hidden />}
          </div>
        ))}
        {asked !== "" && found.isSuccess && entries.length === 0 && <p className="lead">{t("nothingFound")}</p>}
      </div>
    </div>
  );
}
