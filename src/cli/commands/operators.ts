import { randomBytes } from 'node:crypto'
import { Argument, Command, Option } from 'commander'
import { hashOf } from '../../config/operators.ts'
import { OPERATOR_ROLES, type OperatorRole } from '../../domain/operators.ts'
import { UsageError } from '../../errors.ts'
import { runCommand, withExamples, type CommonOptions } from '../lib/command.ts'

const TOKEN_BYTES = 32
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

interface OperatorsOptions extends CommonOptions {
  readonly role: OperatorRole
}

export function operatorsCommand(): Command {
  return withExamples(
    new Command('operators').description(
      "Create an operator's token, and the entry for HOLDFAST_OPERATORS that contains its hash. Stores nothing.",
    ),
    ['operators new ana --role operator'],
  )
    .addArgument(new Argument('<action>', 'the action').choices(['new']))
    .argument('<name>', "the operator's name: lower-case letters, digits, . _ -; recorded with each action")
    .addOption(
      new Option(
        '--role <role>',
        'viewer: read; operator: also retry and pause; admin: also backfill, see secrets, change keys and delete',
      )
        .choices(OPERATOR_ROLES)
        .makeOptionMandatory(),
    )
    .action((_action: string, name: string, { role, ...common }: OperatorsOptions) =>
      runCommand(
        common,
        async () => {
          if (!NAME.test(name))
            throw new UsageError(
              `'${name}' is not a valid name: use lower-case letters, digits, . _ -, at most 64 characters.`,
            )
          const token = randomBytes(TOKEN_BYTES).toString('base64url')
          const entry = `${name}:${role}:${hashOf(token).toString('hex')}`
          return {
            document: { name, role, token, entry },
            text: [
              `Token of ${name}, shown only once: ${token}`,
              `Add this entry to HOLDFAST_OPERATORS (separated by commas) and restart the server: ${entry}`,
              `${name} sets it as HOLDFAST_OPERATOR_TOKEN for commands, and sends it as bearer token to the codec and the API.`,
            ].join('\n'),
          }
        },
        { byAnybody: true },
      ),
    )
}
