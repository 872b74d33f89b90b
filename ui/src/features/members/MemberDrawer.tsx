import { Link } from "@tanstack/react-router";
import { Drawer, Tabs } from "antd";
import { useRecord } from "../../api/queries";
import { useWords } from "../../app/language";
import { Absences } from "../profile/Absences";
import { SignInOf } from "./SignInOf";

/** One member: the sign-in, and being away. What else is known of him is on his record. */
export function MemberDrawer({ person, onClose }: { person: string; onClose: () => void }) {
  const { t } = useWords();
  const record = useRecord("person", person);
  return (
    <Drawer
      open
      onClose={onClose}
      size={560}
      title={String(record.data?.name ?? "")}
      extra={
        <Link to="/records/$object/$id" params={{ object: "person", id: person }}>
          {t("openRecord")}
        </Link>
      }
    >
      {record.isError ? (
        <p className="fault">{record.error.message}</p>
      ) : (
        <Tabs
          items={[
            { key: "away", label: t("away"), children: <Absences person={person} /> },
            { key: "sign-in", label: t("signInWord"), children: <SignInOf person={person} /> },
          ]}
        />
      )}
    </Drawer>
  );
}
