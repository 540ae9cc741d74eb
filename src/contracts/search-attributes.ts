import { defineSearchAttributeKey } from '@temporalio/common'

export const SignupSystem = defineSearchAttributeKey('SignupSystem', 'KEYWORD')
export const SignupTenant = defineSearchAttributeKey('SignupTenant', 'KEYWORD')
export const SignupStage = defineSearchAttributeKey('SignupStage', 'KEYWORD')
export const SignupProblem = defineSearchAttributeKey('SignupProblem', 'KEYWORD')
export const SignupCode = defineSearchAttributeKey('SignupCode', 'KEYWORD')
export const SignupProblemSince = defineSearchAttributeKey('SignupProblemSince', 'DATETIME')

/** The search attributes that a Temporal namespace must have before a signup can start there. */
export const SEARCH_ATTRIBUTES = {
  SignupSystem: 'Keyword',
  SignupTenant: 'Keyword',
  SignupStage: 'Keyword',
  SignupProblem: 'Keyword',
  SignupCode: 'Keyword',
  SignupProblemSince: 'Datetime',
} as const
