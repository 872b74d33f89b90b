import { StyleProvider } from "@ant-design/cssinjs";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App as AntApp, ConfigProvider } from "antd";
import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { antTheme } from "../design/theme";
import { controlsOf, onLanguage, startLanguage, useWords } from "./language";
import { router } from "./router";
import { useStill, useTheme } from "./theme";

// "always": what a browser takes for being away from the internet says nothing of the way to a server in the house. Asked
// otherwise, calls would wait in silence for an event that may never come.
const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, { queryKey }) => queryKey[0] !== "me" && askWhoOneIs(error) }),
  mutationCache: new MutationCache({ onError: askWhoOneIs }),
  defaultOptions: {
    queries: { refetchOnWindowFocus: false, retry: 1, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});
const ready = startLanguage();
// What people were told is answered in the reader's language.
onLanguage(() => void queries.invalidateQueries());

/** A session that ended while a page was open: who asks again who he is, is led to sign in. */
function askWhoOneIs(error: Error): void {
  if (error instanceof Problem && error.status === 401) void queries.invalidateQueries({ queryKey: ["me"] });
}

export function App() {
  const [started, setStarted] = useState(false);
  useEffect(() => {
    void ready.then(() => setStarted(true));
  }, []);
  return started ? <Providers /> : null;
}

function Providers() {
  const { language } = useWords();
  const { dark } = useTheme();
  const still = useStill();
  const controls = controlsOf(language);
  return (
    <StyleProvider hashPriority="high">
      <ConfigProvider
        theme={antTheme(dark, still)}
        {...(controls ? { locale: controls } : {})}
        button={{ autoInsertSpace: false }}
      >
        <AntApp style={{ height: "100%" }}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </AntApp>
      </ConfigProvider>
    </StyleProvider>
  );
}
