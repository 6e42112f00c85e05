package metrics

import (
	"k8s.io/apimachinery/pkg/api/meta"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

var channelFamilies = []family[*crm.OutreachChannel]{
	{name: "fairlead_outreachchannel_ready", help: "1 while the channel is ready, 0 while it is not. One that is suspended is ready.", each: func(c *crm.OutreachChannel, emit func(float64, ...string)) {
		emit(truth(meta.IsStatusConditionTrue(c.Status.Conditions, crm.ConditionReady)))
	}},
}
