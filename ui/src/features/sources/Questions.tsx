import { App, Button, Checkbox, Drawer } from "antd";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { api, told } from "../../api/client";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { RecordPicker } from "../../designers/RecordPicker";
import { type Question, useMappingName, useQuestions, useSourceCall } from "./queries";

// From here on the first candidate is more than a guess, and still a person's to confirm.
const LIKELY = 0.85;

interface Answer {
  question: string;
  record: string | null;
}

/** Names that might mean a record: a person says which, one by one or many at once, and the rows that waited go on. */
export function QuestionsDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const questions = useQuestions().data ?? [];
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const byKeys = useRef(false);
  const decide = useSourceCall((answers: Answer[]) => decideAll(answers));
  const here = Math.min(at, questions.length - 1);
  const marked = questions.filter((each) => chosen.has(each.id));
  const likely = questions.filter((each) => (each.candidates[0]?.score ?? 0) >= LIKELY);
  const say = (answers: Answer[]) =>
    decide.mutate(answers, {
      onSuccess: (rows) => void message.success(t("decided", { count: rows })),
      onError: (error) => void message.error(error.message, 6),
      onSettled: () => setChosen(new Set()),
    });
  const mark = (question: Question, is: boolean) => {
    const next = new Set(chosen);
    if (is) next.add(question.id);
    else next.delete(question.id);
    setChosen(next);
  };
  const focus = () => {
    const line = list.current?.children[here];
    if (line instanceof HTMLElement) line.focus();
  };
  // Who decides by keys stays in the list: the next question takes the place of the one that is gone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the line is another when the list is
  useEffect(() => {
    if (byKeys.current) focus();
  }, [here, questions[here]?.id]);
  const pressed = (event: KeyboardEvent) => {
    const question = questions[here];
    if (!question || !(event.target instanceof HTMLElement) || event.target.tagName !== "LI") return;
    const number = Number(event.key);
    const candidate = number > 0 ? question.candidates[number - 1] : undefined;
    if (event.key === "ArrowDown") setAt(Math.min(here + 1, questions.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(here - 1, 0));
    else if (event.key === " ") mark(question, !chosen.has(question.id));
    else if (event.key === "0") say([{ question: question.id, record: null }]);
    else if (candidate) say([{ question: question.id, record: candidate.id }]);
    else return;
    byKeys.current = true;
    event.preventDefault();
  };
  return (
    <Drawer
      open
      onClose={onClose}
      size={600}
      title={t("toDecideCount", { count: questions.length })}
      afterOpenChange={(open) => open && focus()}
    >
      <p className="lead">{t("toDecideLead")}</p>
      {questions.length === 0 && <p className="blank">{t("toDecideNothing")}</p>}
      {questions.length > 0 && (
        <div className="questions-head">
          <Button
            size="small"
            disabled={likely.length === 0}
            onClick={() => setChosen(new Set(likely.map(({ id }) => id)))}
          >
            {t("chooseLikely", { count: likely.length, least: LIKELY * 100 })}
          </Button>
          <Button
            size="small"
            type="primary"
            disabled={marked.every(({ candidates }) => candidates.length === 0)}
            loading={decide.isPending}
            onClick={() =>
              say(
                marked.flatMap(({ id, candidates }) =>
                  candidates[0] ? [{ question: id, record: candidates[0].id }] : [],
                ),
              )
            }
          >
            {t("confirmFirst", { count: marked.filter(({ candidates }) => candidates.length > 0).length })}
          </Button>
          <Button
            size="small"
            disabled={marked.length === 0 || decide.isPending}
            onClick={() => say(marked.map(({ id }) => ({ question: id, record: null })))}
          >
            {t("confirmNone", { count: marked.length })}
          </Button>
          <span className="blank">{t("decideByKeys")}</span>
        </div>
      )}
      <ul ref={list} className="questions" onKeyDown={pressed}>
        {questions.map((each, index) => (
          <Line
            key={each.id}
            question={each}
            isHere={index === here}
            isMarked={chosen.has(each.id)}
            isBusy={decide.isPending}
            onHere={() => setAt(index)}
            onMark={(is) => mark(each, is)}
            onSay={(record) => say([{ question: each.id, record }])}
          />
        ))}
      </ul>
    </Drawer>
  );
}

interface LineProps {
  question: Question;
  isHere: boolean;
  isMarked: boolean;
  isBusy: boolean;
  onHere: () => void;
  onMark: (is: boolean) => void;
  onSay: (record: string | null) => void;
}

function Line({ question, isHere, isMarked, isBusy, onHere, onMark, onSay }: LineProps) {
  const { t, say } = useWords();
  const nameOf = useMappingName();
  const object = useModel().data?.objects.find((each) => each.key === question.object);
  return (
    <li tabIndex={isHere ? 0 : -1} aria-current={isHere} aria-label={question.about ?? question.given} onFocus={onHere}>
      <header>
        <Checkbox checked={isMarked} onChange={(event) => onMark(event.target.checked)}>
          <b>{question.about ?? question.given}</b>
          {question.about !== null && <span className="blank"> {question.given}</span>}
        </Checkbox>
        <span className="blank">
          {nameOf(question.mapping)} · {t("rowsWaiting", { count: question.rows })}
        </span>
      </header>
      <div className="candidates">
        {question.candidates.map((each, index) => (
          <Button key={each.id} disabled={isBusy} onClick={() => onSay(each.id)}>
            <span className="blank">{index + 1}</span> {each.label}{" "}
            <span className="blank">{Math.round(each.score * (each.score > 1 ? 1 : 100))}%</span>
          </Button>
        ))}
        <RecordPicker
          object={question.object}
          label={t("anotherOf", { name: say(object?.label) })}
          value={undefined}
          onChange={(id) => id !== undefined && onSay(id)}
        />
        <Button type="text" disabled={isBusy} onClick={() => onSay(null)}>
          {t("noneOfOurs")}
        </Button>
      </div>
    </li>
  );
}

/** One after the other: what fails leaves those before it decided. How many rows go on. */
async function decideAll(answers: Answer[]): Promise<number> {
  let rows = 0;
  for (const { question, record } of answers) {
    const params = { path: { question } };
    const done = await told(api.POST("/api/mappings/questions/{question}", { params, body: { record } }));
    rows += done.rows;
  }
  return rows;
}
