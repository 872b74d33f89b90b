import { useNavigate } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { Problem } from "../api/client";
import { useSignIn } from "../api/queries";
import { chooseLanguage, useWords } from "./language";

export function SignIn() {
  const { t, language } = useWords();
  const signIn = useSignIn();
  const navigate = useNavigate();
  return (
    <main className="centre">
      <div className="card">
        <img src="/favicon.svg" alt="" width={36} height={36} />
        <h1>{language === "zh" ? "通脉" : "Tongmai"}</h1>
        <p>{t("signInLead")}</p>
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={(given: { login: string; password: string }) =>
            signIn.mutate(given, { onSuccess: () => void navigate({ to: "/" }) })
          }
        >
          <Form.Item label={t("login")} name="login" rules={[{ required: true, message: "" }]}>
            <Input size="large" autoComplete="username" autoFocus />
          </Form.Item>
          <Form.Item label={t("password")} name="password" rules={[{ required: true, message: "" }]}>
            <Input.Password size="large" autoComplete="current-password" />
          </Form.Item>
          {signIn.isError && (
            <div role="alert" className="fault" style={{ marginBottom: 12 }}>
              {signIn.error instanceof Problem ? signIn.error.message : t("offline")}
            </div>
          )}
          <Button type="primary" size="large" htmlType="submit" block loading={signIn.isPending}>
            {t("signIn")}
          </Button>
        </Form>
        <Button
          type="link"
          size="small"
          style={{ marginTop: 12, padding: 0 }}
          onClick={() => chooseLanguage(language === "zh" ? "en" : "zh")}
        >
          {t("language")}
        </Button>
      </div>
    </main>
  );
}
