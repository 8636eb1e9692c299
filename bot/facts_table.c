// SPDX-License-Identifier: Apache-2.0
// The built-in facts: names, kinds, what people read, and what people write for them.  Labels are folded (fold_words()
// in fact_fold.h): no accents, lower case, one blank between words.
#include "bot/facts.h"

const struct fact facts_builtin[] = {
	{
	        .name = "license",
	        .kind = FACT_LICENCE,
	        .title = "Licence",
	        .question = "Which licence is it?",
	        .hint = "an SPDX expression, for example GPL-3.0-only or MIT OR Apache-2.0",
	        .labels = "license|licence|licenses|licences|spdx|spdx id|spdx identifier|spdx expression|spdx license|"
	                  "spdx licence|license expression|licence expression|license id|licence id|license name|"
	                  "licence name|license type|licence type|open source license|open source licence|"
	                  "requested license|requested licence|which licence|which license|which licence is it|"
	                  "lizenz|lizenzen|lizenzname|licencia|licencias|licenca|licencas|licenza|licenze|licentie|"
	                  "licenties|licens|lisens|lisenssi|licencja|licence name and version|ライセンス|"
	                  "licencje|许可证|许可|라이선스|lisenssit|licence logicielle",
	},
	{
	        .name = "component",
	        .kind = FACT_TEXT,
	        .title = "Component",
	        .question = "Which component, library or package is it?",
	        .hint = "its name; several as a list, for example zlib 1.3 (Zlib), libfoo 2.1 (GPL-3.0-only)",
	        .labels =
	                "component|components|component name|package|packages|package name|library|libraries|library "
	                "name|"
	                "dependency|dependencies|module|modules|software|third party|third party component|"
	                "third party library|third party software|open source component|open source components|"
	                "oss component|oss components|open source software|artifact|artefact|"
	                "komponente|komponenten|bibliothek|bibliotheken|paket|pakete|abhangigkeit|abhangigkeiten|modul|"
	                "composant|composants|bibliotheque|bibliotheques|paquet|logiciel|dependance|dependances|"
	                "componente|componentes|biblioteca|bibliotecas|libreria|librerias|paquete|paquetes|dependencia|"
	                "dependencias|componenti|librerie|pacchetto|dipendenza|pacote|onderdeel|onderdelen|"
	                "bibliotheek|pakket|komponent|コンポーネント|"
	                "biblioteka|komponenty|komponent|bibliotek|biblioteket|paketet|pakiet|programvara|kirjasto|"
	                "komponentti|ライブラリ|パッケージ|部品|组件|库|컴포넌트",
	},
	{
	        .name = "version",
	        .kind = FACT_TEXT,
	        .title = "Version",
	        .question = "Which version of it?",
	        .hint = "for example 2.1.4",
	        .labels = "version|versions|component version|package version|library version|version number|release|"
	                  "revision|versionsnummer|versionen|version du "
	                  "composant|versie|versione|versao|wersja|バージョン|"
	                  "wersje|versionen|versio|版本|バージョン番号|버전",
	},
	{
	        .name = "product",
	        .kind = FACT_TEXT,
	        .title = "Product",
	        .question = "In which of our products will it be used?",
	        .hint = "the name of our product or project",
	        .labels = "product|products|product name|project|project name|product or project|product "
	                  "project|application|"
	                  "app|service|used in|for product|affected product|our product|produkt|produkte|produktname|"
	                  "projekt|projektname|anwendung|produit|produits|projet|producto|proyecto|aplicacion|prodotto|"
	                  "progetto|applicazione|produto|projeto|aplicacao|toepassing|projectnaam|製品|"
	                  "produkty|produkten|produkter|tuote|製品名|プロダクト|产品|제품",
	},
	{
	        .name = "channel",
	        .kind = FACT_TEXT,
	        .title = "Distribution",
	        .question = "How does the product reach its users?",
	        .hint = "for example hosted, as a binary, as source, in a device, internal only",
	        .labels = "channel|channels|distribution|distribution channel|distribution model|distribution type|"
	                  "distribution method|delivery|delivery channel|delivery model|deployment|deployment model|"
	                  "how is it distributed|how it is distributed|how is it delivered|how is it shipped|"
	                  "how does it reach its users|how is the product distributed|distributed as|shipped as|"
	                  "delivered as|vertrieb|vertriebsweg|vertriebskanal|auslieferung|bereitstellung|verteilung|"
	                  "diffusion|mode de distribution|canal|livraison|distribucion|canal de distribucion|entrega|"
	                  "distribuzione|canale|canale di distribuzione|distribuicao|levering|distributie|"
	                  "dystrybucja|sposob dystrybucji|kanal "
	                  "dystrybucji|leverans|leveranssatt|distributionssatt|jakelu|配布方法|配布形態|提供方法|"
	                  "分发方式|배포",
	},
	{
	        .name = "region",
	        .kind = FACT_TEXT,
	        .title = "Region",
	        .question = "In which countries or regions?",
	        .hint = "for example EU, or US and Canada",
	        .labels = "region|regions|country|countries|country "
	                  "region|market|markets|territory|territories|geography|"
	                  "land|lander|markt|markte|gebiet|pays|marche|territoire|pais|paises|mercado|mercados|"
	                  "territorio|territorios|regione|regioni|paese|paesi|mercato|mercati|regiao|regioes|regio|"
	                  "landen|"
	                  "kraj|kraje|rynek|lander|marknad|maa|地域|国|地区",
	},
	{
	        .name = "vendor",
	        .kind = FACT_TEXT,
	        .title = "Vendor",
	        .question = "Who grants the licence?",
	        .hint = "the name of the supplier or licensor",
	        .labels = "vendor|vendors|vendor name|supplier|suppliers|provider|licensor|manufacturer|publisher|"
	                  "rights holder|rightsholder|licence holder|copyright holder|anbieter|lieferant|hersteller|"
	                  "lizenzgeber|fournisseur|editeur|concedant|proveedor|licenciante|fabricante|fornitore|"
	                  "licenziante|"
	                  "produttore|fornecedor|leverancier|licentiegever|"
	                  "dostawca|licencjodawca|leverantor|licensgivare|toimittaja|ベンダー|供給元|供应商",
	},
	{
	        .name = "clause",
	        .kind = FACT_TEXT,
	        .title = "Clause",
	        .question = "Which clause or appendix of the agreement is it about?",
	        .hint = "as exact as you can, for example section 7.2 or appendix B",
	        .labels = "clause|clauses|section|sections|appendix|annex|paragraph|article|exact clause|clause or "
	                  "appendix|"
	                  "clause appendix|agreement clause|contract clause|licence clause|license clause|klausel|"
	                  "klauseln|abschnitt|anhang|paragraf|absatz|annexe|clausula|clausulas|seccion|apendice|anexo|"
	                  "articulo|clausola|clausole|sezione|allegato|articolo|secao|artigo|bijlage|artikel|clausule|"
	                  "klauzula|sekcja|avsnitt|klausul|条項|条款",
	},
	{
	        .name = "policy",
	        .kind = FACT_LIST,
	        .title = "Policy",
	        .question = "Which policies does it deviate from?",
	        .hint = "references separated by semicolons, for example Open Source Policy 7.2",
	        .labels =
	                "policy|policies|policy reference|policy references|policy ref|policy refs|policy clause|"
	                "policy section|applicable policy|rule|rules|richtlinie|richtlinien|vorgabe|vorgaben|politique|"
	                "politiques|regle|politica|politicas|norma|normas|politiche|regola|beleid|regel|beleidsregel|"
	                "polityka|zasada|riktlinje|policyer|ポリシー|規程|政策",
	},
	{
	        .name = "ticket",
	        .kind = FACT_TEXT,
	        .title = "Ticket",
	        .question = "Is there an incident or change ticket?",
	        .hint = "for example JIRA-1234 or CHG0012345",
	        .labels = "ticket|tickets|ticket number|ticket id|incident|incidents|incident number|change|change "
	                  "request|"
	                  "change ticket|change number|incident or change|incident change|jira|jira ticket|jira "
	                  "issue|issue|"
	                  "servicenow|service now|tracking number|vorgang|vorgangsnummer|vorfall|anderung|billet|"
	                  "incidente|cambio|incidencia|numero de ticket|mudanca|wijziging|melding|"
	                  "zgloszenie|arende|arendenummer|チケット|チケット番号|工单",
	},
	{
	        .name = "quantity",
	        .kind = FACT_NUMBER,
	        .title = "Quantity",
	        .question = "How many licences, seats or copies?",
	        .hint = "a whole number, for example 25",
	        .labels = "quantity|seats|number of seats|users|number of users|units|number of units|copies|number of "
	                  "copies|"
	                  "licence count|license count|number of licenses|number of licences|qty|how many|menge|anzahl|"
	                  "stuckzahl|platze|nutzer|quantite|nombre|nombre de postes|postes|cantidad|puestos|usuarios|"
	                  "quantita|postazioni|quantidade|utilizadores|aantal|gebruikers|"
	                  "ilosc|liczba|liczba stanowisk|antal|antal licenser|maara|数量|ライセンス数",
	},
	{
	        .name = "spend",
	        .kind = FACT_MONEY,
	        .title = "Spend",
	        .question = "What does it cost?",
	        .hint = "amount and currency, for example 12500 EUR",
	        .labels =
	                "spend|spending|cost|costs|total cost|annual cost|amount|price|budget|licence fee|license fee|"
	                "licence cost|license cost|fee|fees|contract value|order value|expenditure|kosten|preis|betrag|"
	                "ausgaben|lizenzkosten|lizenzgebuhr|gebuhr|cout|couts|prix|montant|depense|coste|costes|costo|"
	                "costos|precio|importe|gasto|prezzo|importo|spesa|costi|custo|custos|preco|valor|prijs|bedrag|"
	                "koszt|koszty|cena|kwota|kostnad|kostnader|pris|belopp|hinta|費用|金額|价格",
	},
	{
	        .name = "expires",
	        .kind = FACT_DATE,
	        .title = "Needed until",
	        .question = "Until when do you need the exception?",
	        .hint = "a day, for example 2027-03-31",
	        .labels =
	                "expires|expires on|expiry|expiry date|expiration|expiration date|until|until when|needed "
	                "until|"
	                "valid until|valid to|required until|use until|used until|ships until|end date|end|deadline|"
	                "exception until|exception expires|requested until|term end|validity|duration|for how long|"
	                "how long|bis|bis wann|gultig bis|benotigt bis|befristet bis|ablauf|ablaufdatum|lauft "
	                "ab|enddatum|"
	                "laufzeit|frist|expire le|date d expiration|date de fin|jusqu au|valable jusqu "
	                "au|echeance|duree|"
	                "fecha de fin|fecha final|fecha de vencimiento|hasta|valido hasta|vence|vencimiento|caduca|"
	                "caducidad|plazo|scadenza|scade il|data di scadenza|fino al|valido fino al|durata|data de fim|"
	                "validade|valido ate|ate|prazo|verloopt|verloopt op|geldig tot|nodig "
	                "tot|einddatum|tot|looptijd|"
	                "termin|do kiedy|wazne do|potrzebne do|data wygasniecia|behovs till|galler till|giltig "
	                "till|till och med|sluttid|slutdatum|voimassa|期限|有効期限|利用期限|终止日期|到期日",
	},
	{
	        .name = "rationale",
	        .kind = FACT_TEXT,
	        .several = true,
	        .title = "Rationale",
	        .question = "Why is it needed?",
	        .hint = "why nothing on the allow list will do",
	        .labels =
	                "rationale|reason|reasons|why|justification|business justification|business reason|business "
	                "need|"
	                "business case|motivation|purpose|explanation|why do you need it|why is it needed|reasoning|"
	                "begrundung|grund|grunde|warum|zweck|raison|raisons|pourquoi|motif|motifs|justificacion|motivo|"
	                "motivos|razon|razones|por "
	                "que|proposito|motivazione|perche|giustificazione|scopo|justificativa|"
	                "justificacao|razao|reden|waarom|motivatie|onderbouwing|toelichting|"
	                "uzasadnienie|powod|dlaczego|motivering|skal|anledning|varfor|perustelu|理由|目的|利用目的|"
	                "原因",
	},
	{
	        .name = "remediation",
	        .kind = FACT_TEXT,
	        .several = true,
	        .title = "If it is refused",
	        .question = "What happens if it is not granted, and what will you do then?",
	        .hint = "the plan B: replace, buy a licence, drop the feature",
	        .labels =
	                "remediation|remediation plan|remedy|if refused|if it is refused|if rejected|if denied|if not "
	                "granted|"
	                "if it is not granted|if not approved|otherwise|plan b|alternative|alternatives|fallback|"
	                "fallback plan|mitigation|mitigation plan|exit plan|what if not|what happens if it is refused|"
	                "what happens if it is not granted|andernfalls|sonst|alternativen|ersatz|abhilfe|massnahmen|"
	                "bei ablehnung|falls abgelehnt|ausweichplan|en cas de refus|sinon|solution de rechange|"
	                "plan de remediation|alternativa|alternativas|si se rechaza|en caso de rechazo|remediacion|"
	                "in caso di rifiuto|altrimenti|alternative possibili|rimedio|se recusado|em caso de recusa|"
	                "caso contrario|alternatief|alternatieven|bij afwijzing|anders|"
	                "jesli nie|w razie odmowy|alternatywa|om nej|vid avslag|annars|annat "
	                "alternativ|却下の場合|代替案|替代方案|falls nein|falls nicht|wenn nicht|wenn abgelehnt|if "
	                "no|if not|if you say no|si no|si non|se no|zo niet|als het niet mag",
	},
	{
	        .name = "impact",
	        .kind = FACT_TEXT,
	        .several = true,
	        .title = "Impact",
	        .question = "What does it touch: revenue, support, open-source obligations?",
	        .hint = "in a sentence or two",
	        .labels = "impact|impacts|business impact|revenue impact|impact on revenue|effect|effects|consequences|"
	                  "auswirkung|auswirkungen|folgen|consequence|incidence|impacto|impactos|consecuencias|impatto|"
	                  "conseguenze|consequencias|gevolgen|gevolg|"
	                  "wplyw|skutki|paverkan|konsekvenser|vaikutus|影響|影响",
	},
	{
	        .name = "risk",
	        .kind = FACT_NUMBER,
	        .title = "Risk",
	        .question = "How risky do you think it is?",
	        .hint = "a number from 0 to 10; the desk works out its own",
	        .labels = "risk|risk score|risk level|risk rating|risk estimate|own risk "
	                  "estimate|risiko|risikowert|risque|"
	                  "niveau de risque|riesgo|nivel de riesgo|rischio|livello di rischio|risco|nivel de "
	                  "risco|risico|"
	                  "ryzyko|riski|リスク|风险",
	},
	{ .name = NULL },
};
