export { FAILURE_CODES, type FailureCode, isFailureCode } from './code.ts';
export { Failure, type FailureOptions, failure, isFailure, type Problem } from './failure.ts';
export { type ErrorReporter, toGraphQLError } from './graphql.ts';
