// Responsible for: towns to choose from for who says where they are: by country the capital first, then large ones.
// Not responsible for: where a server is, for which no list of towns counts.

export interface Town {
  /** ISO 3166-1 alpha-2. */
  country: string;
  name: string;
  lat: number;
  lon: number;
}

/** Latitude and longitude in degrees, to a tenth: about the middle of the town. */
const TOWNS = `
AD Andorra la Vella 42.5 1.5
AE Abu Dhabi 24.5 54.4; Dubai 25.2 55.3
AF Kabul 34.5 69.2; Herat 34.3 62.2
AG St. John’s 17.1 -61.8
AL Tirana 41.3 19.8
AM Yerevan 40.2 44.5
AO Luanda -8.8 13.3; Huambo -12.8 15.7
AR Buenos Aires -34.6 -58.4; Córdoba -31.4 -64.2; Mendoza -32.9 -68.8
AT Vienna 48.2 16.4; Graz 47.1 15.4; Innsbruck 47.3 11.4; Salzburg 47.8 13.0
AU Canberra -35.3 149.1; Sydney -33.9 151.2; Melbourne -37.8 145.0; Brisbane -27.5 153.0; Perth -32.0 115.9; Adelaide -34.9 138.6
AZ Baku 40.4 49.9
BA Sarajevo 43.9 18.4
BB Bridgetown 13.1 -59.6
BD Dhaka 23.8 90.4; Chittagong 22.3 91.8
BE Brussels 50.8 4.4; Antwerp 51.2 4.4; Liège 50.6 5.6
BF Ouagadougou 12.4 -1.5
BG Sofia 42.7 23.3; Plovdiv 42.1 24.7
BH Manama 26.2 50.6
BI Gitega -3.4 29.9; Bujumbura -3.4 29.4
BJ Porto-Novo 6.5 2.6; Cotonou 6.4 2.4
BM Hamilton 32.3 -64.8
BN Bandar Seri Begawan 4.9 114.9
BO Sucre -19.0 -65.3; La Paz -16.5 -68.1; Santa Cruz -17.8 -63.2
BR Brasília -15.8 -47.9; São Paulo -23.6 -46.6; Rio de Janeiro -22.9 -43.2; Salvador -13.0 -38.5; Fortaleza -3.7 -38.5; Porto Alegre -30.0 -51.2; Manaus -3.1 -60.0
BS Nassau 25.1 -77.4
BT Thimphu 27.5 89.6
BW Gaborone -24.7 25.9
BY Minsk 53.9 27.6
BZ Belmopan 17.3 -88.8
CA Ottawa 45.4 -75.7; Toronto 43.7 -79.4; Montréal 45.5 -73.6; Vancouver 49.3 -123.1; Calgary 51.0 -114.1; Edmonton 53.5 -113.5; Winnipeg 49.9 -97.1; Québec 46.8 -71.2; Halifax 44.6 -63.6
CD Kinshasa -4.3 15.3; Lubumbashi -11.7 27.5
CF Bangui 4.4 18.6
CG Brazzaville -4.3 15.3
CH Bern 46.9 7.4; Zürich 47.4 8.5; Geneva 46.2 6.1; Basel 47.6 7.6; Lausanne 46.5 6.6
CI Yamoussoukro 6.8 -5.3; Abidjan 5.3 -4.0
CL Santiago -33.4 -70.7; Valparaíso -33.0 -71.6; Concepción -36.8 -73.0
CM Yaoundé 3.9 11.5; Douala 4.1 9.7
CN Beijing 39.9 116.4; Shanghai 31.2 121.5; Guangzhou 23.1 113.3; Shenzhen 22.5 114.1; Chengdu 30.7 104.1; Wuhan 30.6 114.3; Xi’an 34.3 108.9
CO Bogotá 4.7 -74.1; Medellín 6.2 -75.6; Cali 3.4 -76.5
CR San José 9.9 -84.1
CU Havana 23.1 -82.4
CV Praia 14.9 -23.5
CY Nicosia 35.2 33.4; Limassol 34.7 33.0
CZ Prague 50.1 14.4; Brno 49.2 16.6; Ostrava 49.8 18.3
DE Berlin 52.5 13.4; Hamburg 53.6 10.0; Munich 48.1 11.6; Cologne 50.9 7.0; Frankfurt 50.1 8.7; Stuttgart 48.8 9.2; Düsseldorf 51.2 6.8; Leipzig 51.3 12.4; Dresden 51.1 13.7; Hanover 52.4 9.7; Nuremberg 49.5 11.1; Bremen 53.1 8.8
DJ Djibouti 11.6 43.1
DK Copenhagen 55.7 12.6; Aarhus 56.2 10.2; Odense 55.4 10.4
DM Roseau 15.3 -61.4
DO Santo Domingo 18.5 -69.9
DZ Algiers 36.8 3.1; Oran 35.7 -0.6
EC Quito -0.2 -78.5; Guayaquil -2.2 -79.9
EE Tallinn 59.4 24.7; Tartu 58.4 26.7
EG Cairo 30.0 31.2; Alexandria 31.2 29.9
ER Asmara 15.3 38.9
ES Madrid 40.4 -3.7; Barcelona 41.4 2.2; Valencia 39.5 -0.4; Seville 37.4 -6.0; Bilbao 43.3 -2.9; Zaragoza 41.6 -0.9; Málaga 36.7 -4.4
ET Addis Ababa 9.0 38.7
FI Helsinki 60.2 24.9; Tampere 61.5 23.8; Turku 60.5 22.3; Oulu 65.0 25.5
FJ Suva -18.1 178.4
FM Palikir 6.9 158.2
FO Tórshavn 62.0 -6.8
FR Paris 48.9 2.4; Lyon 45.8 4.8; Marseille 43.3 5.4; Toulouse 43.6 1.4; Nice 43.7 7.3; Nantes 47.2 -1.6; Strasbourg 48.6 7.7; Bordeaux 44.8 -0.6; Lille 50.6 3.1; Rennes 48.1 -1.7
GA Libreville 0.4 9.5
GB London 51.5 -0.1; Birmingham 52.5 -1.9; Manchester 53.5 -2.2; Leeds 53.8 -1.5; Glasgow 55.9 -4.3; Edinburgh 56.0 -3.2; Bristol 51.5 -2.6; Cardiff 51.5 -3.2; Belfast 54.6 -5.9
GD St. George’s 12.1 -61.7
GE Tbilisi 41.7 44.8
GF Cayenne 4.9 -52.3
GH Accra 5.6 -0.2; Kumasi 6.7 -1.6
GL Nuuk 64.2 -51.7
GM Banjul 13.5 -16.6
GN Conakry 9.6 -13.6
GP Basse-Terre 16.0 -61.7
GQ Malabo 3.8 8.8
GR Athens 38.0 23.7; Thessaloniki 40.6 22.9
GT Guatemala City 14.6 -90.5
GU Hagåtña 13.5 144.8
GW Bissau 11.9 -15.6
GY Georgetown 6.8 -58.2
HK Hong Kong 22.3 114.2
HN Tegucigalpa 14.1 -87.2
HR Zagreb 45.8 16.0; Split 43.5 16.4
HT Port-au-Prince 18.5 -72.3
HU Budapest 47.5 19.0; Debrecen 47.5 21.6
ID Jakarta -6.2 106.8; Surabaya -7.3 112.7; Bandung -6.9 107.6; Medan 3.6 98.7
IE Dublin 53.3 -6.3; Cork 51.9 -8.5; Galway 53.3 -9.1
IL Jerusalem 31.8 35.2; Tel Aviv 32.1 34.8; Haifa 32.8 35.0
IM Douglas 54.2 -4.5
IN New Delhi 28.6 77.2; Mumbai 19.1 72.9; Bengaluru 13.0 77.6; Chennai 13.1 80.3; Kolkata 22.6 88.4; Hyderabad 17.4 78.5; Pune 18.5 73.9; Ahmedabad 23.0 72.6
IQ Baghdad 33.3 44.4; Basra 30.5 47.8; Erbil 36.2 44.0
IR Tehran 35.7 51.4; Mashhad 36.3 59.6; Isfahan 32.7 51.7
IS Reykjavík 64.1 -21.9
IT Rome 41.9 12.5; Milan 45.5 9.2; Naples 40.9 14.3; Turin 45.1 7.7; Bologna 44.5 11.3; Florence 43.8 11.3; Palermo 38.1 13.4; Venice 45.4 12.3
JE St. Helier 49.2 -2.1
JM Kingston 18.0 -76.8
JO Amman 32.0 35.9
JP Tokyo 35.7 139.7; Osaka 34.7 135.5; Nagoya 35.2 136.9; Sapporo 43.1 141.4; Fukuoka 33.6 130.4; Sendai 38.3 140.9
KE Nairobi -1.3 36.8; Mombasa -4.0 39.7
KG Bishkek 42.9 74.6
KH Phnom Penh 11.6 104.9
KI Tarawa 1.4 173.0
KM Moroni -11.7 43.3
KN Basseterre 17.3 -62.7
KP Pyongyang 39.0 125.8
KR Seoul 37.6 127.0; Busan 35.2 129.1; Daejeon 36.3 127.4
KW Kuwait City 29.4 48.0
KY George Town 19.3 -81.4
KZ Astana 51.2 71.4; Almaty 43.2 76.9
LA Vientiane 18.0 102.6
LB Beirut 33.9 35.5
LC Castries 14.0 -61.0
LI Vaduz 47.1 9.5
LK Colombo 6.9 79.9
LR Monrovia 6.3 -10.8
LS Maseru -29.3 27.5
LT Vilnius 54.7 25.3; Kaunas 54.9 23.9
LU Luxembourg 49.6 6.1
LV Riga 56.9 24.1
LY Tripoli 32.9 13.2; Benghazi 32.1 20.1
MA Rabat 34.0 -6.8; Casablanca 33.6 -7.6; Marrakesh 31.6 -8.0
MC Monaco 43.7 7.4
MD Chișinău 47.0 28.9
ME Podgorica 42.4 19.3
MG Antananarivo -18.9 47.5
MH Majuro 7.1 171.4
MK Skopje 42.0 21.4
ML Bamako 12.6 -8.0
MM Naypyidaw 19.7 96.1; Yangon 16.8 96.2
MN Ulaanbaatar 47.9 106.9
MO Macao 22.2 113.5
MQ Fort-de-France 14.6 -61.1
MR Nouakchott 18.1 -16.0
MT Valletta 35.9 14.5
MU Port Louis -20.2 57.5
MV Malé 4.2 73.5
MW Lilongwe -14.0 33.8; Blantyre -15.8 35.0
MX Mexico City 19.4 -99.1; Guadalajara 20.7 -103.3; Monterrey 25.7 -100.3; Tijuana 32.5 -117.0; Mérida 21.0 -89.6
MY Kuala Lumpur 3.1 101.7; Johor Bahru 1.5 103.8; Kuching 1.6 110.3
MZ Maputo -25.9 32.6; Beira -19.8 34.9
NA Windhoek -22.6 17.1
NC Nouméa -22.3 166.5
NE Niamey 13.5 2.1
NG Abuja 9.1 7.5; Lagos 6.5 3.4; Kano 12.0 8.5
NI Managua 12.1 -86.2
NL Amsterdam 52.4 4.9; Rotterdam 51.9 4.5; The Hague 52.1 4.3; Utrecht 52.1 5.1; Eindhoven 51.4 5.5; Groningen 53.2 6.6
NO Oslo 59.9 10.8; Bergen 60.4 5.3; Trondheim 63.4 10.4; Tromsø 69.6 19.0
NP Kathmandu 27.7 85.3
NR Yaren -0.5 166.9
NZ Wellington -41.3 174.8; Auckland -36.8 174.8; Christchurch -43.5 172.6; Dunedin -45.9 170.5
OM Muscat 23.6 58.4
PA Panama City 9.0 -79.5
PE Lima -12.0 -77.0; Arequipa -16.4 -71.5
PF Papeete -17.5 -149.6
PG Port Moresby -9.5 147.2
PH Manila 14.6 121.0; Cebu 10.3 123.9; Davao 7.1 125.6
PK Islamabad 33.7 73.1; Karachi 24.9 67.0; Lahore 31.5 74.3
PL Warsaw 52.2 21.0; Kraków 50.1 19.9; Wrocław 51.1 17.0; Gdańsk 54.4 18.6; Poznań 52.4 16.9
PR San Juan 18.5 -66.1
PS Ramallah 31.9 35.2; Gaza 31.5 34.5
PT Lisbon 38.7 -9.1; Porto 41.2 -8.6; Funchal 32.7 -16.9
PW Ngerulmud 7.5 134.6
PY Asunción -25.3 -57.6
QA Doha 25.3 51.5
RE Saint-Denis -20.9 55.5
RO Bucharest 44.4 26.1; Cluj-Napoca 46.8 23.6; Timișoara 45.8 21.2
RS Belgrade 44.8 20.5; Novi Sad 45.3 19.8
RU Moscow 55.8 37.6; Saint Petersburg 59.9 30.3; Novosibirsk 55.0 82.9; Yekaterinburg 56.8 60.6; Vladivostok 43.1 131.9
RW Kigali -1.9 30.1
SA Riyadh 24.7 46.7; Jeddah 21.5 39.2
SB Honiara -9.4 160.0
SC Victoria -4.6 55.5
SD Khartoum 15.6 32.5
SE Stockholm 59.3 18.1; Gothenburg 57.7 12.0; Malmö 55.6 13.0; Umeå 63.8 20.3
SG Singapore 1.3 103.8
SI Ljubljana 46.1 14.5
SK Bratislava 48.1 17.1; Košice 48.7 21.3
SL Freetown 8.5 -13.2
SM San Marino 43.9 12.4
SN Dakar 14.7 -17.4
SO Mogadishu 2.0 45.3
SR Paramaribo 5.8 -55.2
SS Juba 4.9 31.6
ST São Tomé 0.3 6.7
SV San Salvador 13.7 -89.2
SY Damascus 33.5 36.3; Aleppo 36.2 37.2
SZ Mbabane -26.3 31.1
TD N’Djamena 12.1 15.0
TG Lomé 6.1 1.2
TH Bangkok 13.8 100.5; Chiang Mai 18.8 99.0
TJ Dushanbe 38.6 68.8
TL Dili -8.6 125.6
TM Ashgabat 37.9 58.4
TN Tunis 36.8 10.2
TO Nukuʻalofa -21.1 -175.2
TR Ankara 39.9 32.9; Istanbul 41.0 29.0; Izmir 38.4 27.1
TT Port of Spain 10.7 -61.5
TV Funafuti -8.5 179.2
TW Taipei 25.0 121.5; Kaohsiung 22.6 120.3
TZ Dodoma -6.2 35.7; Dar es Salaam -6.8 39.3
UA Kyiv 50.5 30.5; Lviv 49.8 24.0; Kharkiv 50.0 36.2; Odesa 46.5 30.7
UG Kampala 0.3 32.6
US Washington 38.9 -77.0; New York 40.7 -74.0; Boston 42.4 -71.1; Chicago 41.9 -87.6; Atlanta 33.7 -84.4; Miami 25.8 -80.2; Dallas 32.8 -96.8; Houston 29.8 -95.4; Denver 39.7 -105.0; Phoenix 33.4 -112.1; Los Angeles 34.1 -118.2; San Francisco 37.8 -122.4; Seattle 47.6 -122.3; Minneapolis 45.0 -93.3; Philadelphia 40.0 -75.2; Detroit 42.3 -83.0; Anchorage 61.2 -149.9; Honolulu 21.3 -157.9
UY Montevideo -34.9 -56.2
UZ Tashkent 41.3 69.2; Samarkand 39.7 67.0
VA Vatican City 41.9 12.5
VC Kingstown 13.2 -61.2
VE Caracas 10.5 -66.9; Maracaibo 10.6 -71.6
VN Hanoi 21.0 105.8; Ho Chi Minh City 10.8 106.7; Da Nang 16.1 108.2
VU Port Vila -17.7 168.3
WS Apia -13.8 -171.8
YE Sana’a 15.4 44.2; Aden 12.8 45.0
ZA Pretoria -25.7 28.2; Johannesburg -26.2 28.0; Cape Town -33.9 18.4; Durban -29.9 31.0
ZM Lusaka -15.4 28.3
ZW Harare -17.8 31.0; Bulawayo -20.2 28.6
`;

/** In the order of their countries' codes, each capital first. */
export const towns: readonly Town[] = TOWNS.trim()
  .split("\n")
  .flatMap((line) => {
    const country = line.slice(0, 2);
    return line
      .slice(3)
      .split("; ")
      .map((entry) => {
        const [, name = "", lat, lon] = /^(.+) (-?[\d.]+) (-?[\d.]+)$/.exec(entry) ?? [];
        return { country, name, lat: Number(lat), lon: Number(lon) };
      });
  });
