package lint

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// amounts looks at all amounts of the object.
func (l *linter) amounts() {
	each(specOf(l.at), field.NewPath("spec"), "", func(at *field.Path, _ string, money crm.Money) {
		_, err := contract.MinorUnits(money)
		var wrong *contract.AmountError
		switch {
		case errors.As(err, &wrong):
			// The wish begins with the field of the amount.
			name, wish, _ := strings.Cut(wrong.Wish, ": ")
			l.add(contract.Mistake{Field: at.Child(name).String(), Reason: wrong.Reason, Message: wish})
		case err != nil:
			l.add(contract.Mistake{Field: at.Child("amount").String(), Reason: crm.ReasonInvalidAmount, Message: err.Error()})
		}
	})
}

// referring are the kinds that fields name, by the fields.
var referring = map[string]string{
	"storeName":          "CustomerStore",
	"contactPolicyNames": "ContactPolicy",
	"segmentName":        "CustomerSegment",
	"channelName":        "OutreachChannel",
	"exhibitionName":     "Exhibition",
	"loyaltyProgramName": "LoyaltyProgram",
	"ruleName":           "CampaignRule",
	"outreachName":       "Outreach",
}

// references looks at all other objects that fields of the object name.
func (l *linter) references() {
	own := storeOf(l.at)
	each(specOf(l.at), field.NewPath("spec"), "", func(at *field.Path, named string, name crm.ObjectName) {
		if name == "" {
			return
		}
		kind := referring[named]
		store, here := l.stores[reference{l.at.GetNamespace(), kind, string(name)}]
		switch {
		case !here:
			l.report.Outside++
		case store != "" && own != "" && store != own:
			l.add(contract.Mistake{Field: at.String(), Reason: crm.ReasonStoreMismatch, Message: fmt.Sprintf(
				"the %s %s belongs to the CustomerStore %s and not to %s: name one of the same store", kind, name, store, own)})
		}
	})
}

// storeOf is the CustomerStore that an object names; "" if its kind names none.
func storeOf(object Object) string {
	if name := specOf(object).FieldByName("StoreName"); name.IsValid() {
		return name.String()
	}
	return ""
}

func specOf(object Object) reflect.Value {
	return reflect.ValueOf(object.Object).Elem().FieldByName("Spec")
}

// each visits all values of a type, with the place and the name of the field that each
// stands in.
func each[T any](value reflect.Value, at *field.Path, named string, visit func(at *field.Path, named string, found T)) {
	if found, is := value.Interface().(T); is {
		visit(at, named, found)
		return
	}
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			each(value.Elem(), at, named, visit)
		}
	case reflect.Slice:
		for i := range value.Len() {
			each(value.Index(i), at.Index(i), named, visit)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			declared := value.Type().Field(i)
			if !declared.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(declared.Tag.Get("json"), ",")
			if name == "" {
				each(value.Field(i), at, named, visit)
			} else {
				each(value.Field(i), at.Child(name), name, visit)
			}
		}
	}
}
