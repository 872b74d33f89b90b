import { Typography } from "antd";
import { useWords } from "../../app/language";

/** Where the vendor sends call-backs to, to be copied into its console. */
export function HookAddress({ hook }: { hook: string }) {
  const { t } = useWords();
  return (
    <p className="blank">
      {t("hookAddress")}{" "}
      <Typography.Text code copyable>
        {new URL(hook, window.location.origin).href}
      </Typography.Text>{" "}
      {t("hookLead")}
    </p>
  );
}
