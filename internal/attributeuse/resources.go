package attributeuse

import (
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Kinds are the kinds of resources that have expressions over customers, or
// templates.
func Kinds() []string {
	return []string{"CustomerSegment", "LoyaltyProgram", "CampaignRule", "Outreach"}
}

// StoreName is the CustomerStore that a resource of Kinds belongs to; "" for
// other resources.
func StoreName(resource client.Object) string {
	switch resource := resource.(type) {
	case *crm.CustomerSegment:
		return string(resource.Spec.StoreName)
	case *crm.LoyaltyProgram:
		return string(resource.Spec.StoreName)
	case *crm.CampaignRule:
		return string(resource.Spec.StoreName)
	case *crm.Outreach:
		return string(resource.Spec.StoreName)
	default:
		return ""
	}
}

// text is an expression or a template.
type text struct {
	field   string
	content string
	read    func(content string) (reading, error)
}

// textsOf gives the kind of a resource and all its expressions and templates;
// "" for the kind if it is none of Kinds. The kind stands in the type: objects
// from an API server do not say it.
func textsOf(resource client.Object) (kind string, texts []text) {
	spec := field.NewPath("spec")
	switch resource := resource.(type) {
	case *crm.CustomerSegment:
		return "CustomerSegment", []text{expressionAt(spec.Child("where"), resource.Spec.Where)}
	case *crm.LoyaltyProgram:
		return "LoyaltyProgram", textsOfProgram(spec, &resource.Spec)
	case *crm.CampaignRule:
		return "CampaignRule", textsOfMessages(spec.Child("outreach", "messages"), resource.Spec.Outreach.Messages)
	case *crm.Outreach:
		if resource.Spec.Outreach != nil {
			texts = textsOfMessages(spec.Child("outreach", "messages"), resource.Spec.Outreach.Messages)
		}
		return "Outreach", texts
	default:
		return "", nil
	}
}

func textsOfProgram(spec *field.Path, program *crm.LoyaltyProgramSpec) []text {
	var texts []text
	if program.Eligible != "" {
		texts = append(texts, expressionAt(spec.Child("eligible"), program.Eligible))
	}
	for _, rule := range program.Accrual {
		at := spec.Child("accrual").Key(string(rule.Name))
		if rule.Where != "" {
			texts = append(texts, expressionAt(at.Child("where"), rule.Where))
		}
		texts = append(texts, expressionAt(at.Child("points"), rule.Points))
	}
	return texts
}

func textsOfMessages(list *field.Path, messages []crm.Message) []text {
	var texts []text
	for _, message := range messages {
		at := list.Key(string(message.Locale))
		texts = append(texts, text{at.Child("subject").String(), message.Subject, readTemplate})
		if message.HTML != "" {
			texts = append(texts, text{at.Child("html").String(), message.HTML, readTemplate})
		}
		if message.Text != "" {
			texts = append(texts, text{at.Child("text").String(), message.Text, readTemplate})
		}
	}
	return texts
}

func expressionAt(at *field.Path, expression crm.Expression) text {
	return text{at.String(), string(expression), readExpression}
}
