import { Button, Input, Upload } from "antd";
import { Mic } from "lucide-react";
import { useState } from "react";
import { Problem } from "../../api/client";
import { useSave } from "../../api/queries";
import type { InterviewDraft } from "../../api/schema";
import { useWords } from "../../app/language";
import { Faults } from "../../designers/change/Faults";
import { hear, INTERVIEW } from "./queries";

/** One person's answers, typed or taken from a recording, which is kept beside them. */
export function InterviewForm({ questions, onDone }: { questions: InterviewDraft["questions"]; onDone: () => void }) {
  const { t } = useWords();
  const save = useSave(INTERVIEW);
  const [teller, setTeller] = useState("");
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [recordings, setRecordings] = useState<string[]>([]);
  const [hearing, setHearing] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const tell = (error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    setProblem(error);
  };
  const listen = async (key: string, recording: File) => {
    setProblem(undefined);
    setHearing(key);
    try {
      const { file, text } = await hear(recording);
      setRecordings((before) => [...before, file]);
      setAnswers((before) => ({ ...before, [key]: `${before[key] ?? ""}${text}` }));
    } catch (error) {
      tell(error);
    } finally {
      setHearing(undefined);
    }
  };
  const keep = () => save.mutateAsync({ values: { teller, ...answers, recordings } }).then(onDone, tell);
  const said = Object.values(answers).some((each) => each.trim() !== "");
  return (
    <>
      {problem && <Faults message={problem.message} faults={problem.faults} />}
      <div className="interview-line">
        <label htmlFor="said-by">{t("interview.teller")}</label>
        <Input id="said-by" value={teller} maxLength={100} onChange={(event) => setTeller(event.target.value)} />
      </div>
      {questions.map((each) => (
        <div key={each.key} className="interview-line">
          <label htmlFor={`said-${each.key}`}>{each.text}</label>
          <Input.TextArea
            id={`said-${each.key}`}
            autoSize={{ minRows: 2, maxRows: 6 }}
            value={answers[each.key] ?? ""}
            onChange={(event) => setAnswers((before) => ({ ...before, [each.key]: event.target.value }))}
          />
          <Upload
            accept="audio/*,.amr,.silk"
            showUploadList={false}
            beforeUpload={(file) => {
              void listen(each.key, file);
              return false;
            }}
          >
            <Button size="small" icon={<Mic size={13} aria-hidden />} loading={hearing === each.key}>
              {t("interview.record")}
            </Button>
          </Upload>
        </div>
      ))}
      <footer>
        <Button onClick={onDone}>{t("cancel")}</Button>
        <Button
          type="primary"
          disabled={teller.trim() === "" || !said || hearing !== undefined}
          loading={save.isPending}
          onClick={() => void keep()}
        >
          {t("interview.keep")}
        </Button>
      </footer>
    </>
  );
}
