export type { Caller } from './access/need.ts';
export { createEngine, type Engine, type EngineOptions, type EngineRequest } from './engine.ts';
export { createShareInFlight, type ShareInFlight } from './in-flight.ts';
export type { Observer, Planned } from './observer.ts';
export type { PlanNode, Planner } from './planner.ts';
export { createHivePlanner } from './planners/hive.ts';
export { openPlanner, PLANNER_NAMES, type PlannerName } from './planners/open.ts';
export type { Transport, TransportRequest } from './transport.ts';
export { AnswerText } from './write.ts';
