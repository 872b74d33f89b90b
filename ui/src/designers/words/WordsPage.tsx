import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { Plus } from "lucide-react";
import { useWords } from "../../app/language";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { WordsEditor } from "./WordsEditor";
import { blankKind, draftOf, keyOf, rereadShare, type SignalWords, useSignalWords } from "./words";
import "../../design/settings.css";
import "../../design/sources.css";
import "./words.css";

const NEW = "new";

/** The words by which signals are heard in chats (S0-09): those shipped, and the company's own. */
export function WordsPage() {
  const { t, say } = useWords();
  const phone = usePhone();
  const listed = useSignalWords().data;
  const found = listed?.items ?? [];
  const reread = listed ? rereadShare(listed) : null;
  const asked = useSearch({ from: "/build/words" });
  const navigate = useNavigate({ from: "/build/words" });
  const making = asked.item === NEW;
  const chosen = found.find((each) => keyOf(each) === asked.item) ?? found[0];
  const choose = (item: string) => void navigate({ search: { item } });
  const nameOf = (each: SignalWords) => say(each.own?.words?.label ?? each.shipped?.label) || keyOf(each);
  return (
    <>
      <header className="bar">
        <PageTitle>{t("signalWords")}</PageTitle>
        {phone && chosen && (
          <Select
            aria-label={t("signalWords")}
            style={{ width: 150 }}
            value={keyOf(chosen)}
            onChange={choose}
            options={found.map((each) => ({ value: keyOf(each), label: nameOf(each) }))}
          />
        )}
        <span className="gap" />
        {reread !== null && (
          <span className="hint" role="status">
            {t("wordsReread", { share: Math.floor(reread * 100) })}
          </span>
        )}
        <Button
          type="primary"
          icon={<Plus size={14} aria-hidden />}
          aria-label={t("addKind")}
          onClick={() => choose(NEW)}
        >
          {phone ? null : t("addKind")}
        </Button>
      </header>
      <div className="split">
        {!phone && (
          <nav className="split-list" aria-label={t("signalWords")}>
            {found.map((each) => (
              <button
                key={keyOf(each)}
                type="button"
                className="split-item"
                aria-current={!making && each === chosen}
                onClick={() => choose(keyOf(each))}
              >
                <span>{nameOf(each)}</span>
                {each.own && <span className="chip">{t("ownWords")}</span>}
              </button>
            ))}
          </nav>
        )}
        <div className="split-main">
          {making ? (
            <WordsEditor key="new" words={blankKind()} version={0} shipped={null} isNew onDone={choose} />
          ) : (
            chosen && (
              <WordsEditor
                key={`${keyOf(chosen)}:${chosen.own?.version ?? 0}`}
                words={draftOf(chosen)}
                version={chosen.own?.version ?? 0}
                shipped={chosen.shipped}
                isNew={false}
                onDone={choose}
              />
            )
          )}
        </div>
      </div>
    </>
  );
}
