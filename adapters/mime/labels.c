// SPDX-License-Identifier: Apache-2.0
// "From: ..." as mail programs write it above what they quote.  The words are Outlook's, Exchange's, GMX's, Lotus
// Notes' and their like; a word of a new language is one row.
#include <string.h>

#include "adapters/mime/clients.h"
#include "base/auto.h"

static const struct {
	enum client_label label;
	const char *name;
} labels[] = {
	{ LABEL_FROM, "From" },
	{ LABEL_FROM, "Von" },
	{ LABEL_FROM, "De" },
	{ LABEL_FROM, "Da" },
	{ LABEL_FROM, "Van" },
	{ LABEL_FROM, "Od" },
	{ LABEL_FROM, "Från" },
	{ LABEL_FROM, "Fra" },
	{ LABEL_FROM, "Lähettäjä" },
	{ LABEL_FROM, "От" },
	{ LABEL_FROM, "От кого" },
	{ LABEL_FROM, "Від" },
	{ LABEL_FROM, "Kimden" },
	{ LABEL_FROM, "Gönderen" },
	{ LABEL_FROM, "差出人" },
	{ LABEL_FROM, "送信元" },
	{ LABEL_FROM, "发件人" },
	{ LABEL_FROM, "寄件者" },
	{ LABEL_FROM, "寄件人" },
	{ LABEL_FROM, "보낸 사람" },
	{ LABEL_FROM, "보낸사람" },
	{ LABEL_FROM, "发送者" },
	{ LABEL_DATE, "Sent" },
	{ LABEL_DATE, "Date" },
	{ LABEL_DATE, "Gesendet" },
	{ LABEL_DATE, "Datum" },
	{ LABEL_DATE, "Envoyé" },
	{ LABEL_DATE, "Envoyé le" },
	{ LABEL_DATE, "Enviado" },
	{ LABEL_DATE, "Enviado el" },
	{ LABEL_DATE, "Enviada" },
	{ LABEL_DATE, "Enviada em" },
	{ LABEL_DATE, "Enviado em" },
	{ LABEL_DATE, "Fecha" },
	{ LABEL_DATE, "Inviato" },
	{ LABEL_DATE, "Data" },
	{ LABEL_DATE, "Verzonden" },
	{ LABEL_DATE, "Wysłano" },
	{ LABEL_DATE, "Wysłane" },
	{ LABEL_DATE, "Skickat" },
	{ LABEL_DATE, "Sendt" },
	{ LABEL_DATE, "Dato" },
	{ LABEL_DATE, "Lähetetty" },
	{ LABEL_DATE, "Päivämäärä" },
	{ LABEL_DATE, "Odesláno" },
	{ LABEL_DATE, "Отправлено" },
	{ LABEL_DATE, "Дата" },
	{ LABEL_DATE, "Надіслано" },
	{ LABEL_DATE, "Gönderildi" },
	{ LABEL_DATE, "Gönderme Tarihi" },
	{ LABEL_DATE, "Tarih" },
	{ LABEL_DATE, "送信日時" },
	{ LABEL_DATE, "日時" },
	{ LABEL_DATE, "日付" },
	{ LABEL_DATE, "发送时间" },
	{ LABEL_DATE, "发送日期" },
	{ LABEL_DATE, "日期" },
	{ LABEL_DATE, "寄件日期" },
	{ LABEL_DATE, "傳送時間" },
	{ LABEL_DATE, "보낸 날짜" },
	{ LABEL_DATE, "날짜" },
	{ LABEL_DATE, "전송" },
	{ LABEL_TO, "To" },
	{ LABEL_TO, "An" },
	{ LABEL_TO, "À" },
	{ LABEL_TO, "A" },
	{ LABEL_TO, "Para" },
	{ LABEL_TO, "Aan" },
	{ LABEL_TO, "Do" },
	{ LABEL_TO, "Till" },
	{ LABEL_TO, "Til" },
	{ LABEL_TO, "Vastaanottaja" },
	{ LABEL_TO, "Komu" },
	{ LABEL_TO, "Кому" },
	{ LABEL_TO, "Kime" },
	{ LABEL_TO, "Alıcı" },
	{ LABEL_TO, "宛先" },
	{ LABEL_TO, "收件人" },
	{ LABEL_TO, "收件者" },
	{ LABEL_TO, "받는 사람" },
	{ LABEL_TO, "받는사람" },
	{ LABEL_SUBJECT, "Subject" },
	{ LABEL_SUBJECT, "Betreff" },
	{ LABEL_SUBJECT, "Objet" },
	{ LABEL_SUBJECT, "Asunto" },
	{ LABEL_SUBJECT, "Oggetto" },
	{ LABEL_SUBJECT, "Assunto" },
	{ LABEL_SUBJECT, "Onderwerp" },
	{ LABEL_SUBJECT, "Temat" },
	{ LABEL_SUBJECT, "Ämne" },
	{ LABEL_SUBJECT, "Emne" },
	{ LABEL_SUBJECT, "Aihe" },
	{ LABEL_SUBJECT, "Předmět" },
	{ LABEL_SUBJECT, "Тема" },
	{ LABEL_SUBJECT, "Konu" },
	{ LABEL_SUBJECT, "件名" },
	{ LABEL_SUBJECT, "主题" },
	{ LABEL_SUBJECT, "主旨" },
	{ LABEL_SUBJECT, "標題" },
	{ LABEL_SUBJECT, "제목" },
	{ LABEL_OTHER, "Cc" },
	{ LABEL_OTHER, "CC" },
	{ LABEL_OTHER, "Kopie" },
	{ LABEL_OTHER, "Copie" },
	{ LABEL_OTHER, "Kopia" },
	{ LABEL_OTHER, "Kopi" },
	{ LABEL_OTHER, "Kopio" },
	{ LABEL_OTHER, "Копия" },
	{ LABEL_OTHER, "Копія" },
	{ LABEL_OTHER, "Bilgi" },
	{ LABEL_OTHER, "抄送" },
	{ LABEL_OTHER, "副本" },
	{ LABEL_OTHER, "참조" },
	{ LABEL_OTHER, "Reply-To" },
	{ LABEL_OTHER, "Antwort an" },
	{ LABEL_OTHER, "Importance" },
	{ LABEL_OTHER, "Priority" },
	{ LABEL_OTHER, "Wichtigkeit" },
	{ LABEL_OTHER, "Organization" },
};

// The length of the mark that ends a label at `p` (":" of ASCII or full width, NBSP or blank before it), 0 for none.
static size_t colon(const char *p, size_t len)
{
	static const char *const marks[] = { ":", "\xef\xbc\x9a", " :", "\xc2\xa0:", "*:", ":*" };

	for (size_t i = 0; i < LENGTH(marks); i++) {
		size_t n = strlen(marks[i]);

		if (len >= n && memcmp(p, marks[i], n) == 0)
			return n;
	}
	return 0;
}

enum client_label client_label(const char *line, size_t len)
{
	while (len > 0 && (*line == '*' || *line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	if (!memchr(line, ':', len) && !memmem(line, len, "\xef\xbc\x9a", 3))
		return LABEL_NONE;
	for (size_t i = 0; i < LENGTH(labels); i++) {
		size_t n;

		if (len == 0 || labels[i].name[0] != line[0])
			continue;
		n = strlen(labels[i].name);
		if (len > n && memcmp(line, labels[i].name, n) == 0 && colon(line + n, len - n))
			return labels[i].label;
	}
	return LABEL_NONE;
}
