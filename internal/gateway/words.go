package gateway

import (
	"slices"

	"golang.org/x/text/language"

	"github.com/fairlead/fairlead/internal/store"
)

// words are what the pages say, in one language. %s is the title of a topic, or the masked
// address.
type words struct {
	Tag language.Tag
	// Title of every page, and To whom the messages go.
	Title, To string
	// StopTopic and StopAll are buttons, Again is what a person agrees to by pressing it.
	StopTopic, StopAll, Again string
	// Stopped and StoppedAll say what is so, Hears and Silent of one topic.
	Stopped, StoppedAll, Hears, Silent string
	// These is a topic that has no title any more.
	These string
	// Choose leads to all topics. Choices comes before them.
	Choose, Choices string
	// Kept says what is kept.
	Kept string
	// Refused and RefusedHelp are about a link, Wrong about a request, Later about us.
	Refused, RefusedHelp, Wrong, Later string
}

// languages that the pages are written in; the first is for whoever reads none of them.
var languages = []words{
	{
		Tag: language.English, Title: "Messages from us", To: "Messages to %s",
		StopTopic: "Stop messages about: %s", StopAll: "Stop all messages", Again: "Yes, write to me about: %s",
		Stopped: "You get no more messages about: %s", StoppedAll: "You get no more messages from us, whatever they are about.",
		Hears: "You get these messages.", Silent: "You do not get these messages.", These: "this topic",
		Choose: "Choose what you hear about", Choices: "Choose what you want to hear about.",
		Kept:    "Your choice holds at once; what was sent before may still arrive. We keep what you chose and when, to prove that we follow it.",
		Refused: "This link does not work.", RefusedHelp: "It may be incomplete, or too old. Use the link in the newest message that you got from us, or answer that message.",
		Wrong: "This could not be understood, and nothing was changed. Open the link again, and use the buttons there.", Later: "This does not work right now, and nothing was changed. Please try again in a few minutes.",
	}, {
		Tag: language.German, Title: "Nachrichten von uns", To: "Nachrichten an %s",
		StopTopic: "Keine Nachrichten mehr zu: %s", StopAll: "Gar keine Nachrichten mehr", Again: "Ja, schreiben Sie mir zu: %s",
		Stopped: "Sie bekommen keine Nachrichten mehr zu: %s", StoppedAll: "Sie bekommen keine Nachrichten mehr von uns, worum es auch geht.",
		Hears: "Sie bekommen diese Nachrichten.", Silent: "Sie bekommen diese Nachrichten nicht.", These: "diesem Thema",
		Choose: "Themen auswählen", Choices: "Wählen Sie, wovon Sie hören möchten.",
		Kept:    "Ihre Wahl gilt sofort; was vorher verschickt wurde, kann noch eintreffen. Wir halten fest, was Sie wann gewählt haben, um zu belegen, dass wir uns daran halten.",
		Refused: "Dieser Link funktioniert nicht.", RefusedHelp: "Er ist vielleicht unvollständig oder zu alt. Nehmen Sie den Link aus unserer neuesten Nachricht, oder antworten Sie auf sie.",
		Wrong: "Das war nicht zu verstehen, und nichts wurde geändert. Öffnen Sie den Link noch einmal, und benutzen Sie die Knöpfe dort.", Later: "Das geht gerade nicht, und nichts wurde geändert. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
	}, {
		Tag: language.French, Title: "Nos messages", To: "Messages à %s",
		StopTopic: "Ne plus recevoir de messages sur : %s", StopAll: "Ne plus recevoir aucun message", Again: "Oui, écrivez-moi au sujet de : %s",
		Stopped: "Vous ne recevez plus de messages sur : %s", StoppedAll: "Vous ne recevez plus aucun message de notre part, quel qu’en soit le sujet.",
		Hears: "Vous recevez ces messages.", Silent: "Vous ne recevez pas ces messages.", These: "ce sujet",
		Choose: "Choisir mes sujets", Choices: "Choisissez les sujets qui vous intéressent.",
		Kept:    "Votre choix vaut tout de suite ; ce qui est déjà parti peut encore arriver. Nous conservons ce que vous avez choisi, et quand, pour prouver que nous en tenons compte.",
		Refused: "Ce lien ne fonctionne pas.", RefusedHelp: "Il est peut-être incomplet ou trop ancien. Utilisez le lien de notre message le plus récent, ou répondez à ce message.",
		Wrong: "Cette demande n’a pas été comprise, et rien n’a été modifié. Ouvrez de nouveau le lien et utilisez les boutons de la page.", Later: "Cela ne fonctionne pas pour le moment, et rien n’a été modifié. Veuillez réessayer dans quelques minutes.",
	}, {
		Tag: language.Spanish, Title: "Nuestros mensajes", To: "Mensajes a %s",
		StopTopic: "No recibir más mensajes sobre: %s", StopAll: "No recibir ningún mensaje más", Again: "Sí, escríbanme sobre: %s",
		Stopped: "Ya no recibe mensajes sobre: %s", StoppedAll: "Ya no recibe ningún mensaje nuestro, trate de lo que trate.",
		Hears: "Recibe estos mensajes.", Silent: "No recibe estos mensajes.", These: "este tema",
		Choose: "Elegir temas", Choices: "Elija los temas que le interesan.",
		Kept:    "Su elección vale de inmediato; lo que ya se envió aún puede llegar. Guardamos lo que eligió y cuándo, para demostrar que lo respetamos.",
		Refused: "Este enlace no funciona.", RefusedHelp: "Puede que esté incompleto o sea demasiado antiguo. Use el enlace de nuestro mensaje más reciente, o responda a ese mensaje.",
		Wrong: "No se entendió la solicitud, y no se cambió nada. Abra de nuevo el enlace y use los botones de la página.", Later: "No funciona ahora mismo, y no se cambió nada. Inténtelo de nuevo en unos minutos.",
	}, {
		Tag: language.Chinese, Title: "我们的消息", To: "发往 %s 的消息",
		StopTopic: "不再接收以下主题的消息：%s", StopAll: "不再接收任何消息", Again: "是，请就以下主题与我联系：%s",
		Stopped: "您不会再收到以下主题的消息：%s", StoppedAll: "您不会再收到我们的任何消息，无论何种主题。",
		Hears: "您会收到此类消息。", Silent: "您不会收到此类消息。", These: "该主题",
		Choose: "选择主题", Choices: "请选择您想了解的主题。",
		Kept:    "您的选择立即生效；此前已发出的消息仍可能送达。我们会保存您所作的选择及时间，以证明我们遵从您的意愿。",
		Refused: "此链接无效。", RefusedHelp: "链接可能不完整或已过期。请使用我们最新一封消息中的链接，或直接回复该消息。",
		Wrong: "无法理解此请求，未作任何更改。请重新打开链接并使用页面上的按钮。", Later: "目前无法处理，未作任何更改。请几分钟后再试。",
	},
}

var languageMatcher = language.NewMatcher(func() (tags []language.Tag) {
	for _, w := range languages {
		tags = append(tags, w.Tag)
	}
	return tags
}())

// mostLanguages of a browser are looked at.
const mostLanguages = 8

// wanted are the languages that somebody reads: locale comes first, be it "", then what the
// browser says.
func wanted(locale, acceptLanguage string) []language.Tag {
	var tags []language.Tag
	if tag, err := language.Parse(locale); err == nil && tag != language.Und {
		tags = append(tags, tag)
	}
	// Whatever is wrong with it is as good as nothing.
	const longest = 200
	if len(acceptLanguage) <= longest {
		accepted, _, err := language.ParseAcceptLanguage(acceptLanguage)
		if err == nil {
			tags = append(tags, accepted[:min(len(accepted), mostLanguages)]...)
		}
	}
	return tags
}

// wordsFor are the words in the language that fits best.
func wordsFor(tags []language.Tag) *words {
	_, at, confidence := languageMatcher.Match(tags...)
	if confidence == language.No {
		at = 0
	}
	return &languages[at]
}

// titleFor is the title of a topic in the language that fits best.
func titleFor(titles []store.TopicTitle, tags []language.Tag) string {
	if len(titles) == 0 {
		return ""
	}
	var there []language.Tag
	for _, title := range titles {
		tag, err := language.Parse(title.Locale)
		if err != nil {
			tag = language.Und
		}
		there = append(there, tag)
	}
	_, at, confidence := language.NewMatcher(there).Match(tags...)
	if confidence == language.No {
		at = 0
	}
	return titles[at].Text
}

// topicNamed is the topic of a name; nil if there is none.
func topicNamed(topics []store.ContactTopic, name string) *store.ContactTopic {
	at := slices.IndexFunc(topics, func(t store.ContactTopic) bool { return t.Name == name })
	if at < 0 {
		return nil
	}
	return &topics[at]
}
