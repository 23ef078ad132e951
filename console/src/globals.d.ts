declare module "*.css";

/** The names of events, as the API's description has them: put in when the console is built. */
declare const EVENTS: string[];
