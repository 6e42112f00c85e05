package customerstore

import (
	"context"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// admitOthers gives workers, and the gateway if it has a role of its own, the rights that they
// need. The secrets are in the order of secretsOf.
func admitOthers(ctx context.Context, opened *store.Store, mark store.Mark, postgres *crm.PostgresStore, secrets []secret) (*ending, error) {
	problem, err := admit(ctx, opened, mark, secrets[1], guest{"workers", opened.GrantWorker})
	if problem != nil || err != nil || postgres.GatewayConnectionSecretName == "" {
		return problem, err
	}
	return admit(ctx, opened, mark, secrets[2], guest{"the gateway", opened.GrantGateway})
}

// guest is who else comes to a database.
type guest struct {
	named string
	grant func(ctx context.Context, role string) error
}

// admit connects as a guest does, demands that it can change no schema, and gives it
// the rights it needs.
func admit(ctx context.Context, opened *store.Store, mark store.Mark, secret secret, who guest) (*ending, error) {
	ctx, cancel := context.WithTimeout(ctx, contactLimit)
	defer cancel()
	named := "the Secret " + secret.use.name
	asGuest, err := store.Open(ctx, string(secret.value), store.Options{MaxConnections: 1})
	if err != nil {
		return accessProblem(err, named), nil
	}
	// It was only looked at; there is nothing to lose.
	defer func() { _ = asGuest.Close() }()
	role, err := asGuest.Role(ctx)
	if err != nil {
		return accessProblem(err, named), nil
	}
	owner, err := opened.Role(ctx)
	if err != nil {
		return nil, err
	}
	if role.Where != owner.Where {
		return guestElsewhere(secret.use.name, who.named), nil
	}
	if problem := checkGuest(secret.use.name, who.named, owner, role); problem != nil {
		return problem, nil
	}
	if err := who.grant(ctx, role.Name); err != nil {
		return nil, err
	}
	// Now it sees the store, if it is the same.
	if schema, err := asGuest.Schema(ctx); err != nil {
		return accessProblem(err, named), nil
	} else if schema.Version == 0 {
		return guestElsewhere(secret.use.name, who.named), nil
	}
	seen, err := asGuest.Mark(ctx)
	if err != nil {
		return accessProblem(err, named), nil
	}
	if seen.StoreID != mark.StoreID {
		return guestElsewhere(secret.use.name, who.named), nil
	}
	return nil, nil
}
