import { App, Button, Form, Input } from "antd";
import { api, csrf, Problem, told } from "../../api/client";
import { useWords } from "../../app/language";
import { useOwnChange } from "./queries";

interface Typed {
  current: string;
  fresh: string;
  again: string;
}

/** One's own password; all other sessions end with the old one. */
export function Password() {
  const { t } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Typed>();
  const change = useOwnChange(({ current, fresh }: Typed) =>
    told(api.PUT("/api/password", { body: { current, new: fresh } })),
  );
  const problem = change.error instanceof Problem ? change.error : undefined;
  const save = (typed: Typed) =>
    change.mutate(typed, {
      onSuccess: (answer) => {
        csrf.set(answer.csrf_token);
        form.resetFields();
        void message.success(t("passwordChanged"));
      },
    });
  return (
    <Form form={form} layout="vertical" requiredMark={false} className="password" onFinish={save}>
      <p className="lead">{t("passwordLead")}</p>
      <Form.Item name="current" label={t("passwordNow")} rules={[{ required: true, message: t("isRequired") }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item name="fresh" label={t("passwordNew")} rules={[{ required: true, message: t("isRequired") }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t("passwordAgain")}
        dependencies={["fresh"]}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue("fresh") ? Promise.resolve() : Promise.reject(new Error(t("passwordsDiffer"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      {problem && (
        <div role="alert" className="fault">
          {problem.message}
          {problem.faults
            .filter((each) => each.message !== problem.message)
            .map((each) => (
              <p key={each.code}>{each.message}</p>
            ))}
        </div>
      )}
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {t("changePassword")}
      </Button>
    </Form>
  );
}
