/** The part of the package that the tests use; its own types say `any`. */
declare module '@seriousme/openapi-schema-validator' {
  export class Validator {
    validate(document: object): Promise<{ readonly valid: boolean; readonly errors?: unknown }>
  }
}
