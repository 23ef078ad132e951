// How a missing Debian package gets installed.

import { answer, must, step, Stop, which } from "./process.mjs";

/** Whether Debian's package tools are here at all. */
export const isDebian = () => which("apt-get") !== null && which("dpkg-query") !== null;

/** Which of `packages` are not installed. */
const missing = (packages) =>
  packages.filter((name) => answer("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name]) !== "installed");

/**
 * Installs what is missing of `packages`, as root or by `sudo -n`.
 *
 * Stops with the one line the user has to type when neither is possible.
 */
export async function install(packages, why) {
  if (!isDebian()) throw new Stop(`${why}: install ${packages.join(", ")} with your system's package manager`);
  const wanted = missing(packages);
  if (wanted.length === 0) return;

  const become = process.getuid() === 0 ? [] : ["sudo", "-n"];
  if (become.length && answer("sudo", ["-n", "true"]) === null) {
    throw new Stop(`${why}: run «sudo apt-get install --no-install-recommends ${wanted.join(" ")}»`);
  }
  const apt = (...args) => {
    const [program, ...rest] = [...become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args];
    return must(program, rest);
  };
  await step(`installing Debian's ${wanted.join(", ")} (${why}; a minute or two)`, async () => {
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", ...wanted);
  });
}
