// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/clients.h"

#include <string.h>

#include "base/auto.h"
#include "base/text.h"

// --- "On ... wrote:" -------------------------------------------------------------------------------------------------

static const char *const verbs[] = {
	"wrote",    "writes",    "schrieb",  "schreibt",   "a écrit",    "a ecrit",
	"écrit",    "escribió",  "escribio", "escribe",    "ha scritto", "scrive",
	"escreveu", "escreve",   "schreef",  "geschreven", "napisał",    "pisze",
	"skrev",    "kirjoitti", "napsal",   "написал",    "пишет",      "пишу",
	"написав",  "написала",  "пише",     "yazdı",      "yazmış",     "写道",
	"寫道",     "写到",      "のメール", "書きました", "wrote",      "さんからのメール",
	"書いた",   "작성",      "님이 쓰",  "님이 작성",  "wrote",
};

static const char *const beginnings[] = {
	"On ", "Am ", "Le ", "El ", "Il ", "Em ", "A ", "Op ", "W dniu ", "Dnia ", "Den ", "D. ", "På ", "Dne ", "Em ",
};

static bool contains(const char *line, size_t len, const char *word)
{
	return memmem(line, len, word, strlen(word)) != NULL;
}

bool client_says_wrote(const char *line, size_t len)
{
	for (size_t i = 0; i < LENGTH(verbs); i++)
		if (contains(line, len, verbs[i]))
			return true;
	return false;
}

bool client_begins_wrote(const char *line, size_t len)
{
	for (size_t i = 0; i < LENGTH(beginnings); i++) {
		size_t n = strlen(beginnings[i]);

		if (len > n && memcmp(line, beginnings[i], n) == 0)
			return true;
	}
	return false;
}

// --- "-----Original Message-----" ------------------------------------------------------------------------------------

static const char *const originals[] = {
	"Original Message",
	"Original message",
	"Original Appointment",
	"Ursprüngliche Nachricht",
	"Originalnachricht",
	"Ursprünglicher Termin",
	"Message d'origine",
	"Message d’origine",
	"Message original",
	"Mensaje original",
	"Messaggio originale",
	"Mensagem original",
	"Mensagem Original",
	"Oorspronkelijk bericht",
	"Wiadomość oryginalna",
	"Oryginalna wiadomość",
	"Ursprungligt meddelande",
	"Originalmeddelande",
	"Oprindelig meddelelse",
	"Opprinnelig melding",
	"Alkuperäinen viesti",
	"Původní zpráva",
	"Исходное сообщение",
	"Оригінальне повідомлення",
	"Вихідне повідомлення",
	"Özgün İleti",
	"Orijinal Mesaj",
	"Orijinal İleti",
	"元のメッセージ",
	"原始邮件",
	"原始郵件",
	"邮件原件",
	"原始信件",
	"원본 메시지",
	"원본 메일",
	"Reply message",
	"Antwort Nachricht",
};

static const char *const forwards[] = {
	"Forwarded message",
	"Forwarded Message",
	"Weitergeleitete Nachricht",
	"Message transféré",
	"Mensaje reenviado",
	"Messaggio inoltrato",
	"Mensagem encaminhada",
	"Mensagem reencaminhada",
	"Doorgestuurd bericht",
	"Wiadomość przekazana",
	"Przekazana wiadomość",
	"Vidarebefordrat meddelande",
	"Videresendt meddelelse",
	"Videresendt melding",
	"Välitetty viesti",
	"Edelleenlähetetty viesti",
	"Přeposlaná zpráva",
	"Пересланное сообщение",
	"Пересылаемое сообщение",
	"Переслане повідомлення",
	"Переадресоване повідомлення",
	"İletilen mesaj",
	"Yönlendirilen mesaj",
	"転送されたメッセージ",
	"転送メッセージ",
	"转发的邮件",
	"转发邮件",
	"轉寄郵件",
	"轉寄的郵件",
	"전달된 메시지",
};

static const char *const announcements[] = {
	"Begin forwarded message:",
	"Anfang der weitergeleiteten Nachricht:",
	"Début du message réexpédié",
	"Début du message transféré",
	"Inizio messaggio inoltrato:",
	"Inicio del mensaje reenviado:",
	"Início da mensagem encaminhada:",
	"Início da mensagem reencaminhada:",
	"Begin doorgestuurd bericht:",
	"Początek przekazywanej wiadomości:",
	"Vidarebefordrat brev:",
	"Starten på videresendt besked:",
	"Start på videresendt melding:",
	"Välitetty viesti alkaa:",
	"Začátek přeposílané zprávy:",
	"Начало переадресованного сообщения:",
	"İleti başlangıcı:",
	"転送されたメッセージ:",
	"以下是转发的邮件：",
	"以下是轉寄的郵件：",
	"전달된 메시지 시작:",
};

static bool matches_one(const char *const *list, size_t count, const char *line, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (contains(line, len, list[i]))
			return true;
	return false;
}

// At least two of the same rule character at both ends.
static bool is_ruled(const char *line, size_t len)
{
	return len > 8 && strchr("-_=*", line[0]) && line[0] == line[1] && line[len - 1] == line[len - 2] &&
	       strchr("-_=*", line[len - 1]);
}

enum client_rule client_rule(const char *line, size_t len)
{
	while (len > 0 && text_is_space(line[len - 1]))
		len--;
	if (len > 200)
		return RULE_NONE;
	for (size_t i = 0; i < LENGTH(announcements); i++)
		if (len >= strlen(announcements[i]) && memcmp(line, announcements[i], strlen(announcements[i])) == 0)
			return RULE_FORWARD;
	if (!is_ruled(line, len))
		return RULE_NONE;
	if (matches_one(forwards, LENGTH(forwards), line, len))
		return RULE_FORWARD;
	return matches_one(originals, LENGTH(originals), line, len) ? RULE_REPLY : RULE_NONE;
}

// --- "Sent from my iPhone" -------------------------------------------------------------------------------------------

// Beginning and end of the line; either may be empty.
static const struct {
	const char *begins, *ends;
} boasts[] = {
	{ "Sent from ", "" },
	{ "Sent with ", "" },
	{ "Sent via ", "" },
	{ "Sent by ", "" },
	{ "Get Outlook for ", "" },
	{ "Get BlueMail for ", "" },
	{ "Von meinem ", "gesendet" },
	{ "Von meinem ", "gesendet." },
	{ "Von unterwegs gesendet", "" },
	{ "Gesendet von ", "" },
	{ "Gesendet mit ", "" },
	{ "Diese Nachricht wurde von ", "gesendet." },
	{ "Holen Sie sich Outlook", "" },
	{ "Outlook für ", "" },
	{ "Laden Sie Outlook für ", "" },
	{ "Envoyé de mon ", "" },
	{ "Envoyé depuis ", "" },
	{ "Envoyé à partir de ", "" },
	{ "Envoyé avec ", "" },
	{ "Téléchargez Outlook pour ", "" },
	{ "Obtenez Outlook pour ", "" },
	{ "Enviado desde ", "" },
	{ "Enviado con ", "" },
	{ "Enviado do ", "" },
	{ "Enviado a partir d", "" },
	{ "Enviado pelo ", "" },
	{ "Obtener Outlook para ", "" },
	{ "Obter o Outlook para ", "" },
	{ "Inviato da", "" },
	{ "Inviato con ", "" },
	{ "Scarica Outlook per ", "" },
	{ "Ottieni Outlook per ", "" },
	{ "Verstuurd vanaf ", "" },
	{ "Verzonden vanaf ", "" },
	{ "Verzonden met ", "" },
	{ "Outlook voor ", "" },
	{ "Wysłane z ", "" },
	{ "Wysłano z ", "" },
	{ "Pobierz program Outlook dla ", "" },
	{ "Skickat från ", "" },
	{ "Skaffa Outlook för ", "" },
	{ "Hämta Outlook för ", "" },
	{ "Sendt fra ", "" },
	{ "Hent Outlook ", "" },
	{ "Få Outlook for ", "" },
	{ "Lähetetty ", "" },
	{ "Hanki Outlook ", "" },
	{ "Odesláno z", "" },
	{ "Získat Outlook pro ", "" },
	{ "Отправлено с ", "" },
	{ "Отправлено из ", "" },
	{ "Скачать Outlook для ", "" },
	{ "Надіслано з ", "" },
	{ "Відправлено з ", "" },
	{ "", "gönderildi" },
	{ "", "から送信" },
	{ "发自我的", "" },
	{ "发自", "" },
	{ "从我的 ", "发送" },
	{ "從我的 ", "傳送" },
	{ "寄自", "" },
	{ "나의 ", "보냄" },
	{ "내 ", "보냄" },
	{ "", "에서 보냄" },
};

bool client_boasts(const char *line, size_t len)
{
	while (len > 0 && text_is_space(line[len - 1]))
		len--;
	if (len > 120)
		return false;
	for (size_t i = 0; i < LENGTH(boasts); i++) {
		size_t b = strlen(boasts[i].begins), n = strlen(boasts[i].ends);

		if (len >= b + n && memcmp(line, boasts[i].begins, b) == 0 &&
		    memcmp(line + len - n, boasts[i].ends, n) == 0)
			return true;
	}
	return false;
}
