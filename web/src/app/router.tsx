/** Addresses of the pages: log-in outside, everything else inside the shell. */
import { createBrowserRouter, Navigate } from "react-router";
import { features, navigation } from "./features";
import { CrashPage, LoadingPage, NotFoundPage } from "./fallback-pages";
import { Home } from "./home";
import { LoginPage } from "./login-page";
import { Shell } from "./shell";

export function createRouter() {
  return createBrowserRouter([
    { path: "/login", element: <LoginPage />, errorElement: <CrashPage /> },
    {
      path: "/",
      element: <Shell navigation={navigation} />,
      errorElement: <CrashPage />,
      // Seen while the first page's code is fetched.
      hydrateFallbackElement: <LoadingPage />,
      children: [
        { index: true, element: <Home navigation={navigation} /> },
        {
          errorElement: <CrashPage />,
          children: features.flatMap((feature) => [...feature.routes]),
        },
        { path: "home", element: <Navigate to="/" replace /> },
        { path: "*", element: <NotFoundPage /> },
      ],
    },
  ]);
}
