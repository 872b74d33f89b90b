import { App, Button, Drawer } from "antd";
import { api, told } from "../../api/client";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { RecordPicker } from "../../designers/RecordPicker";
import { type Question, useDefinitions, useQuestions, useSourceCall } from "./queries";

/** Names that might mean a record: a person says which, once, and the rows that waited go on. */
export function QuestionsDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const questions = useQuestions();
  return (
    <Drawer open onClose={onClose} size={560} title={t("toDecide")}>
      <p className="lead">{t("toDecideLead")}</p>
      {questions.data?.length === 0 && <p className="blank">{t("toDecideNothing")}</p>}
      <ul className="questions">
        {(questions.data ?? []).map((each) => (
          <Line key={each.id} question={each} />
        ))}
      </ul>
    </Drawer>
  );
}

function Line({ question }: { question: Question }) {
  const { t, say } = useWords();
  const { message } = App.useApp();
  const model = useModel().data;
  const mapping = useDefinitions().mappings.find((each) => each.key === question.mapping);
  const decide = useSourceCall((record: string | null) =>
    told(
      api.POST("/api/mappings/questions/{question}", { params: { path: { question: question.id } }, body: { record } }),
    ),
  );
  const say_ = (record: string | null) =>
    decide.mutate(record, {
      onSuccess: ({ rows }) => void message.success(t("decided", { count: rows })),
      onError: (error) => void message.error(error.message, 6),
    });
  const object = model?.objects.find((each) => each.key === question.object);
  return (
    <li>
      <header>
        <b>{question.given}</b>
        <span className="blank">
          {say(mapping?.label) || question.mapping} · {t("rowsWaiting", { count: question.rows })}
        </span>
      </header>
      <div className="candidates">
        {question.candidates.map((each) => (
          <Button key={each.id} loading={decide.isPending} onClick={() => say_(each.id)}>
            {each.label} <span className="blank">{Math.round(each.score * (each.score > 1 ? 1 : 100))}%</span>
          </Button>
        ))}
        <RecordPicker
          object={question.object}
          label={t("anotherOf", { name: say(object?.label) })}
          value={undefined}
          onChange={(id) => id !== undefined && say_(id)}
        />
        <Button type="text" onClick={() => say_(null)}>
          {t("noneOfOurs")}
        </Button>
      </div>
    </li>
  );
}
