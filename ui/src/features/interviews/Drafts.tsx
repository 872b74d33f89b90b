import { Checkbox, Tag } from "antd";
import type { DraftedFieldShown, InterviewDraft, QuotedWords } from "../../api/schema";
import { useWords } from "../../app/language";

/** What the words propose, each with the words; what is there already; and what could not be used. */
export function Drafts(props: { draft: InterviewDraft; ticked: string[]; onTick: (keys: string[]) => void }) {
  const { draft, ticked, onTick } = props;
  const { t } = useWords();
  const line = (each: DraftedFieldShown) => (
    <Drafted
      key={each.key}
      field={each}
      ticked={ticked.includes(each.key)}
      onTick={(on) => onTick(on ? [...ticked, each.key] : ticked.filter((key) => key !== each.key))}
    />
  );
  const fresh = draft.fields.filter((each) => each.is_new);
  const known = draft.fields.filter((each) => !each.is_new);
  return (
    <>
      {fresh.length > 0 && <h3>{t("interview.new")}</h3>}
      <ul className="interview-list">{fresh.map(line)}</ul>
      {known.length > 0 && <h3>{t("interview.known")}</h3>}
      <ul className="interview-list">{known.map(line)}</ul>
      {draft.unused.length > 0 && (
        <details>
          <summary>{t("interview.unused", { count: draft.unused.length })}</summary>
          <ul className="interview-list">
            {draft.unused.map((each) => (
              <li key={`${each.said.who} ${each.said.question} ${each.said.clause}`}>
                <Quote said={each.said} />
                <p className="blank">{each.reason}</p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Drafted(props: { field: DraftedFieldShown; ticked: boolean; onTick: (on: boolean) => void }) {
  const { field, ticked, onTick } = props;
  const { t } = useWords();
  return (
    <li>
      <Checkbox
        checked={ticked}
        // A field that is there can only be put first, if it is looked up.
        disabled={!field.is_new && !field.looked_up}
        onChange={(event) => onTick(event.target.checked)}
      >
        <b>{field.label}</b> <Tag>{field.type}</Tag>
        {field.looked_up && <Tag color="blue">{t("interview.first")}</Tag>}
      </Checkbox>
      {field.said.map((each) => (
        <Quote key={`${each.who} ${each.question} ${each.clause} ${each.word}`} said={each} />
      ))}
    </li>
  );
}

/** The very words, with who said them; the one that told is marked. */
function Quote({ said }: { said: QuotedWords }) {
  const at = said.word === null ? -1 : said.clause.toLowerCase().indexOf(said.word.toLowerCase());
  const end = at + (said.word?.length ?? 0);
  return (
    <blockquote>
      {at < 0 ? (
        said.clause
      ) : (
        <>
          {said.clause.slice(0, at)}
          <mark>{said.clause.slice(at, end)}</mark>
          {said.clause.slice(end)}
        </>
      )}
      <cite> {said.who}</cite>
    </blockquote>
  );
}
