// How missing Debian packages get installed.

import { answer, must, run, say, step, Stop, which } from "./process.mjs";

/** Whether Debian's package tools are here at all. */
export const isDebian = () => which("apt-get") !== null && which("dpkg-query") !== null;

/** What dpkg knows of a package, or null when it has never heard of it. */
const state = (name) => answer("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name]);

/** What a package is called between its unpacking and its last script. */
const UNFINISHED = ["half-installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"];

/** Whether an installation of one of `packages` broke off: its files may be here and yet not all of what they need. */
export const unfinished = (packages) => isDebian() && packages.some((name) => UNFINISHED.includes(state(name)));

/**
 * Installs what is missing of all `needs`, each `{ packages, why }`, as root or by `sudo -n`.
 *
 * Stops with the one line the user has to type when neither is possible: one for
 * all of them, so that nobody has to type a second after a long build.
 */
export async function install(needs) {
  const listed = (packages) => packages.join(", ");
  const told = (named) => named.map(({ packages, why }) => `${listed(packages)} (${why})`).join(", ");
  if (!isDebian()) {
    if (needs.length === 0) return;
    throw new Stop(`install with your system's package manager, and then run this again: ${told(needs)}`);
  }
  const missing = needs
    .map(({ packages, why }) => ({ packages: packages.filter((name) => state(name) !== "installed"), why }))
    .filter(({ packages }) => packages.length > 0);
  if (missing.length === 0) return;
  const wanted = missing.flatMap(({ packages }) => packages);

  const become = process.getuid() === 0 ? [] : ["sudo", "-n"];
  if (become.length && answer("sudo", ["-n", "true"]) === null) {
    const line = `sudo apt-get update && sudo apt-get install --no-install-recommends ${wanted.join(" ")}`;
    throw new Stop(`this needs Debian packages that only an administrator can install; run «${line}», and then this again`);
  }
  const as = (command, ...rest) => {
    const [program, ...args] = [...become, "env", "DEBIAN_FRONTEND=noninteractive", command, ...rest];
    return [program, args];
  };
  const apt = (...rest) => as("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3", ...rest);
  await step(`installing Debian's ${told(missing)}; a minute or two`, async () => {
    // Nothing can be installed after an installation that was killed, before that is finished.
    await must(...as("dpkg", "--configure", "-a"));
    // One source of many that does not answer is not a reason to stop: what counts is whether the packages can be had.
    if ((await run(...apt("update"))) !== 0) say("apt-get update failed: going on with the lists that are here");
    await must(...apt("install", "-y", "--no-install-recommends", ...wanted));
  });
}
