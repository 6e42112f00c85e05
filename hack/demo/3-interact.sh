#!/usr/bin/env bash
# Part of hack/demo.sh: who must hear what, and when.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

title "3 of 4: Interact. Who must hear what, and when?"
step "A letter to whoever came to one of the last two editions, and a person who approves it"
why "What is sent is frozen first: every recipient, every text. So large a run waits for a person, who" \
  "approves this plan and no other. Then pods of a Job send it, and survive kill -9."
declare_all outreach
planned() { [[ $(figure out/thank-you '{.status.phase}') =~ ^(AwaitingApproval|Completed)$ ]]; }
await 90 "The letter thank-you is not planned" planned
figure out/thank-you '{.status.conditions[?(@.type=="Ready")].message}{"\n"}'
k create rolebinding approvers --clusterrole=fairlead-approver --user=olga@airshow.example --dry-run=client -o yaml | k apply -f - >/dev/null
if [ "$(figure out/thank-you '{.status.phase}')" = AwaitingApproval ]; then
  k create --as=olga@airshow.example -f - <<YAML
apiVersion: crm.fairlead.dev/v1alpha1
kind: OutreachApproval
metadata: {name: thank-you}
spec:
  outreachName: thank-you
  planDigest: "$(figure out/thank-you '{.status.planDigest}')"
  decision: Approved
  approvedBy: olga@airshow.example
YAML
fi
k wait out/thank-you --for=condition=Complete --timeout=3m >/dev/null
k get out thank-you -o wide
audience thank-you
printf 'Mails in the sink: '
kubectl get --raw /api/v1/namespaces/mail/services/mailsink:http/proxy/api/counts | grep -o '"total": *[0-9]*' | grep -o '[0-9]*'

step "The way out: somebody follows the link of a mail, and is not in the next run"
hack/demo/gateway.sh
hack/demo/newcomers.sh

step "Campaigns as reviewed code: two rules, due half a year before the next edition opens, to the same regulars"
why "Nobody is offered something twice: the cap of the ContactPolicy holds over all rules, in the very" \
  "statement that claims a message. A tenth hears nothing, so that the effect can be measured."
declare_all rules
for rule in invite-regulars remind-regulars; do
  k wait "crule/$rule" --for=jsonpath='{.status.lastOutreachName}' --timeout=90s >/dev/null
  run=$(figure "crule/$rule" '{.status.lastOutreachName}')
  # That of a rule that was deleted and applied again is gone, and is not made again.
  ! k get "out/$run" >/dev/null 2>&1 || k wait "out/$run" --for=condition=Complete --timeout=3m >/dev/null
done
k get crule,out
echo "Deleted and applied again, a rule sends nothing:"
k delete crule invite-regulars --cascade=foreground
declare_all rules
k wait crule/invite-regulars --for=condition=Ready --timeout=60s >/dev/null
k get crule invite-regulars

step "A personal note on the day itself: birthdays of persons at exhibitors who stayed away"
hack/demo/win-back.sh

step "Only who agreed, and nobody at night: a newsletter under a second policy"
hack/demo/newsletter.sh
