#!/usr/bin/env bash
# Part of hack/demo.sh: who is worth which effort.
set -euo pipefail
cd "$(dirname "$0")/../.."
. hack/demo/story.sh

title "2 of 4: Plan. Who is who, and who is worth which effort?"
step "Audiences as reviewed code: who belongs, by expressions over those figures"
why "A change of an audience is a pull request. Members follow the facts, and fairlead explain says of" \
  "each customer why, clause by clause."
declare_all segments
k wait cseg --all --for=condition=Ready --timeout=90s >/dev/null
k get cseg -o wide

step "Models of loyalty, on made-up customers: real lists have neither costs nor surveys nor rivals"
why "Profit by length of the relationship, repeat rate by attitude, rivals by involvement: each splits an" \
  "audience into classes that get different effort. What is not known makes Unknown, never low."
declare_all made-up
k wait cstore/made-up --for=condition=Ready --timeout=90s >/dev/null
# generate takes no store that it was not told: made-up customers are easily put where real ones are.
OF=made-up hack/demo/fairlead.sh generate --store - --seed 1 --customers 400
# Profiles follow within seconds, and members follow profiles.
classified() { [ "$(figure cseg/made-up-relationship '{.status.members}')" -gt 0 ]; }
await 60 "The made-up customers have no classes" classified
k wait cseg --all --for=condition=Ready --timeout=90s >/dev/null
k get cseg -o wide made-up-relationship made-up-loyalty made-up-rivals made-up-friends-at-risk
figure cseg/made-up-loyalty '{range .status.unknown[*]}{.members}{" of its members are Unknown for want of "}{.missing}{"\n"}{end}'

step "A loyalty program: points for coming, tiers that take something off the booth"
why "Points are a ledger that is only added to: late and corrected facts post differences."
declare_all loyalty
k wait loyal/exhibitor-club loyal/made-up-club --for=condition=Ready --timeout=120s >/dev/null
k get loyal

step "Before it is changed: what would other tiers do?"
why "The recorded facts are reckoned anew under a changed program; nothing is kept of it."
sed 's/Silver, fromPoints: 300/Silver, fromPoints: 200/; s/Gold, fromPoints: 500/Gold, fromPoints: 400/; s/boothDiscountPercent: 10/boothDiscountPercent: 15/' \
  "$kept/manifests/loyalty.yaml" >"$kept/changed-loyalty.yaml"
files airshow-manifests "$kept/changed-loyalty.yaml"
hack/demo/fairlead.sh loyalty simulate -f /data/changed-loyalty.yaml --program exhibitor-club
echo
why "The lists of air shows have no prices. Of the made-up customers there are, and so there is a cost:"
OF=made-up hack/demo/fairlead.sh loyalty simulate -f /data/changed-loyalty.yaml --program made-up-club
