/**
 * Compounds that Portuguese writes with a hyphen: what decides about a word that
 * a line's end broke where the corpus itself has it nowhere.
 *
 * @module
 */

/** First elements that always take a hyphen. */
const ALWAYS: ReadonlySet<string> = new Set(
  ("recém além aquém vice pós soto vizo anglo austro hispano ítalo " +
    "luso nipo teuto cólera").split(" "),
);
/**
 * First elements that take a hyphen before some words only, as they are also
 * the first syllables of others: what those words begin with, or are where an
 * equals sign follows.
 */
const PAIRS: ReadonlyMap<string, readonly string[]> = new Map(
  `pré escola ocupaç histór requisit estabelecid fabricad datad determinad moldad
  existent natal= aviso=
pró labore= reitor forma= memória= indiviso=
mil réis=
padre mestre nosso=
lua de=
defensor públic gera
inspetor gera
procurador gera chefe
secretário gera
diretor gera presidente
salário mínimo educação família maternidade hora base
salários mínimos=
ano calendário base luz=
anos calendário= base= luz=
amas secas=
ama seca= de=
pára quedas= raios= choque lama brisa sol= vento
para quedas choque brisa raios= lama sol= sóis= vento
bem estar vind amad aventurad aventuranç dit= dita= ditos= falant nascid humorad criad
  posto= posta= querer= quer= querid mandad sucedid comportad educad feit vist
  pensant parecid soant haj fad acab afortunad aceit estre ir= ouvid ensinad
sem vergonh teto= terra cerimôni razão= razões= par= sal= nome= justiça= número=
ex ministr president governador diretor alun mulher= marido espos deputad
  senador prefeit combatent voto líbris= libris= comung namorad jogador soldado
  escrav secretári reitor rei= rainha= officio= sócio padre funcionári noiv officio=
  professor campeã empregad colônia técnic militar chefe vereador soviétic
  conselheir cônsul cônsules= imperador procurador
porta voz= vozes= bandeira estandarte aviões= retrato malas= luvas= joias= jóias=
  moedas= chapéus= lápis= cartas=
guarda chuva roupa costas= civil= civis= livros= louça marinha mor= mores= noturno
  pó= rede sol= sóis= vestido portão= portões= fio comida joias= jóias= corpo=
  linha freio cartuchos= nacional=
conta gotas= giros= quilômetros= passos=
corta luz= mar= mato= vento jatos=
lança chamas= perfume minas= foguetes= mísseis= torpedos= granadas=
bate bola= boca papo estaca folha pé=
bota fora= abaixo=
cata vento piolho cego
finca pé= pés=
fura bolo= bolos= vidas=
ganha pão= pães= dinheiro=
busca pé= pés= vidas=
queima roupa=
limpa trilho vidro botas= neve chaminé
lava pés= louça roupa
mata borrão= borrões= moscas= rato cavalo pau= mouros= burro bicho
pega pega= rapaz= ladrão= fogo=
pica pau= paus= flor= flores=
papa figo formigas= moscas= defunto jantares= hóstias= fina=
quebra cabeça mar= mares= nozes= luz= galho gelo mola costas= quebra= vento
saca rolha bocado trapo buxa
salva vidas= guarda
tira gosto teima dúvidas= linhas= botas= nódoas= dentes=
toca discos= fitas=
tapa olho buraco
troca troca= letras= tintas=
vaga lume mundo
vai vém= vem= véns= volta=
vira lata casaca volta mundo=
arranha céu
beija flor= flores= mão= mãos= pé= pés=
meia noite idade= lua= luz= volta água calça estação direita esquerda tinta hora
  dúzia voz= sola cana pataca laranja légua língua irmã entrada vida= luas=
meias noites= tintas= palavras= luas= solas=
meio dia= dias= termo tom= tons= fio soprano irmão= relevo tempo= corpo= círculo
  campo= busto sangue= morto ambiente= pesado seco rufo grosso
alto mar= relevo forno falante comissário astral= comando= alemão=
alta roda tensão= costura= fidelidade= voz= noite=
altar mor= mores=
baixo relevo ventre astral= império= latim= alemão=
baixa mar=
norte american african corean rio grandens vietnamit
sul american african corean rio mato asiátic
leste oeste= europe
couve flor= flores=
erva mate= doce= cidreira= moura=
cana de=
pau brasil= ferro= santo mulato rosa= marfim= d
amor próprio= perfeito
mestre escola sala cuca capela d
capitão mor= tenente general= de= do= aviador
capitães mores= tenentes= generais= de= do=
tenente coronel= general= brigadeiro= aviador
tenentes coronéis= generais=
primeiro ministro tenente sargento cabo= cadete
primeira dama ministra
segunda feira
segundas feiras=
terça feira
terças feiras=
quarta feira
quartas feiras=
quinta feira
quintas feiras=
sexta feira
sextas feiras=
obra prima
obras primas=
matéria prima
matérias primas=
belas artes= letras=
mão de= cheia=
boa vida= noite= fé= morte= ventura
bom bocado= tom= senso= nome=
má fé= criação= língua
más línguas=
mau olhado humor= gosto= caráter=
maus tratos=
livre arbítrio docência= docente pensador pensamento câmbio= cambista
abaixo assinad
acima mencionad citad referid
decreto lei leis=
cirurgião dentista mor= barbeiro
arco íris= da=
palavra chave
célula tronco mãe
carta bomba circular patente= régia= testamento=
bicho da= de= papão= homem= cabeludo=
água marinha furtada viva forte= benta= de= mãe= tinta régia=
águas vivas= furtadas= fortes=
banho maria=
pão de= duro=
não agressão= intervenção= governament violência= me= eu= ser= fumante alinhad
  cumprimento= incidência= pagamento= cumulativ contribuint residente observância=
quase nada= morte= delito= contrato posse= crime
grão mestre duque de= turco vizir ducado= sultão= cruz= pará= senhor= mogol=
grã bretanha= cruz= fin duquesa ducado=
histórico geográfic cultura crític socia literári
físico químic mor=
médico lega hospitala legist cirúrgic sanitári
técnico científic profissiona administrativ industria opera econômic
econômico financeir socia fisca
político administrativ socia partidári jurídic religios milita econômic cultura
jurídico polític administrativ constituciona socia pena
científico tecnológic natura cultura literári
indo europe chin germân iranian
euro afric asiátic american
sino japones american soviétic brasileir
franco atirador brasileir american alemã prussian maçon suíç italian
russo japones american turc
latino american
germano brasileir soviétic italian
greco roman latin
afro brasileir american asiátic cuban ameríndi descendente luso
sócio econômic gerente polític cultura administrador quotista cotista
ave maria=
rés do=
pique nique
tique taque
tic tac=
lusco fusco
lufa lufa=
ruge ruge=
corre corre=
via sacra= crucis=
vis à= a=
tête à=
pince nez=
habeas corpus= data=
salvo conduto
papel moeda
cor de=
juiz de=
lugar comum= tenente
lugares comuns= tenentes=
prima dona= dona
pôr do=
pé de= direito=
pés de=
porto alegrens
mato grossens
rio grandens
três quartos= pontos=
tão somente= só=
sangue frio=
in fólio= folio= octavo= quarto=
contra almirante regra ataque= mestre
co autor réu
azul marinho= celeste=`
    .split(/\n(?! )/).map((line) => {
      const [first, ...seconds] = line.split(/ +|\n +/);
      return [first, seconds];
    }),
);
/** Prefixes that take one before h and before their own last vowel. */
const BEFORE_SAME =
  /^(?:anti|arqui|semi|mini|multi|pluri|poli|auto|contra|extra|infra|intra|ultra|supra|neo|proto|pseudo|micro|macro|mega|sobre|eletro|foto|geo|hidro|maxi)$/;

/**
 * Whether two pieces are words that Portuguese joins with a hyphen.
 *
 * @param first The element before the hyphen, in lower case.
 * @param second The one after it.
 *
 * @example
 * ```ts
 * import { isCompound } from "./compounds.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isCompound("guarda", "chuva"), true);
 * assertEquals(isCompound("guarda", "do"), false);
 * ```
 */
export function isCompound(first: string, second: string): boolean {
  if (ALWAYS.has(first)) return true;
  const isSecond = PAIRS.get(first)?.some((start) =>
    start.endsWith("=")
      ? second === start.slice(0, -1)
      : second.startsWith(start)
  );
  if (isSecond) return true;
  if (BEFORE_SAME.test(first)) {
    return second.startsWith("h") || first.at(-1) === second[0];
  }
  if (/^(?:hiper|inter|super)$/.test(first)) {
    return /^[hr]/.test(second) && !/^r(?:o[mg]|up|egn)/.test(second);
  }
  // "sub-reitor", "pan-americano"; "pa-nela" is broken elsewhere.
  if (first === "sub") return /^[bhr]/.test(second);
  if (first === "pan") return /^[aeiouáéíóúâêôh]/.test(second);
  return first === "mal" && /^[aeiouh]/.test(second) && second.length > 4;
}
